import { Inject, Injectable, Optional } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { GatewayLifecycle, type GatewayTransport, type TransportHealth } from 'sallyport';
import { fromGateway } from './from-gateway.js';

const BADNESS = { up: 0, degraded: 1, down: 2 } as const;

/** Whether the wires are connected: as bad as the worst transport says it is, and `up` without any. */
@Injectable()
export class TransportHealthIndicator {
  private readonly lifecycle: GatewayLifecycle;

  constructor(
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
    @Optional() @Inject(GatewayLifecycle) lifecycle?: GatewayLifecycle,
  ) {
    this.lifecycle = fromGateway(lifecycle);
  }

  async check(key = 'transports'): Promise<HealthIndicatorResult> {
    const told = this.lifecycle.transports.map((transport) => ({ ...healthOf(transport), name: transport.name }));
    const worst = Math.max(0, ...told.map(({ status }) => BADNESS[status]));
    const message = told
      .filter(({ status }) => status !== 'up')
      .map(({ name, status }) => `${name} is ${status}`)
      .join('; ');
    const indicator = this.indicators.check(key);
    if (worst === BADNESS.up) return indicator.up({ transports: told });
    return worst === BADNESS.degraded
      ? indicator.degraded({ message, transports: told })
      : indicator.down({ message, transports: told });
  }
}

/** A transport that cannot tell how it is, is down. */
function healthOf(transport: GatewayTransport): TransportHealth {
  try {
    const health = transport.health();
    return Object.hasOwn(BADNESS, health.status) ? health : { status: 'down', message: 'health() told no status' };
  } catch (error) {
    return { status: 'down', message: error instanceof Error ? error.message : String(error) };
  }
}
