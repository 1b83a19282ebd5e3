import { Inject, Injectable, Optional } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { GatewayLifecycle } from 'sallyport';
import { fromGateway } from './from-gateway.js';

/** Where the gateway is between its start and its end. */
@Injectable()
export class PhaseHealthIndicator {
  private readonly lifecycle: GatewayLifecycle;

  constructor(
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
    @Optional() @Inject(GatewayLifecycle) lifecycle?: GatewayLifecycle,
  ) {
    this.lifecycle = fromGateway(lifecycle);
  }

  get isLeaving(): boolean {
    return this.lifecycle.phase === 'draining' || this.lifecycle.phase === 'stopped';
  }

  /** `up` once every transport is ready, and from then on. */
  async started(key = 'gateway'): Promise<HealthIndicatorResult> {
    return this.told(key, this.lifecycle.phase !== 'starting');
  }

  /** `up` between the start and the end. */
  async serving(key = 'gateway'): Promise<HealthIndicatorResult> {
    return this.told(key, this.lifecycle.phase === 'up');
  }

  private told(key: string, fine: boolean): HealthIndicatorResult {
    const indicator = this.indicators.check(key);
    const { phase } = this.lifecycle;
    return fine ? indicator.up({ phase }) : indicator.down({ phase });
  }
}
