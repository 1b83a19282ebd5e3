import { Inject, Injectable } from '@nestjs/common';
import type { HealthIndicatorFunction } from '@nestjs/terminus';
import { EventLoopHealthIndicator } from './event-loop.health.js';
import { PhaseHealthIndicator } from './phase.health.js';
import { PoolHealthIndicator } from './pool.health.js';
import { TransportHealthIndicator } from './transport.health.js';

/** What each probe looks at. */
@Injectable()
export class Probes {
  constructor(
    @Inject(PhaseHealthIndicator) private readonly phase: PhaseHealthIndicator,
    @Inject(PoolHealthIndicator) private readonly pools: PoolHealthIndicator,
    @Inject(TransportHealthIndicator) private readonly transports: TransportHealthIndicator,
    @Inject(EventLoopHealthIndicator) private readonly eventLoop: EventLoopHealthIndicator,
  ) {}

  /** Should this process be restarted? Only `degraded` is possible here: who answers lives, be it starting or leaving. */
  live(): HealthIndicatorFunction[] {
    return [() => this.eventLoop.check()];
  }

  /** Should this instance get traffic? */
  ready(): HealthIndicatorFunction[] {
    return [() => this.phase.serving(), () => this.pools.check(), () => this.transports.check()];
  }

  /** Is it up, or should one wait on? */
  startup(): HealthIndicatorFunction[] {
    return [() => this.phase.started()];
  }

  /** 503 exactly where `ready` is, and `degraded` also where `live` is. */
  everything(): HealthIndicatorFunction[] {
    return [...this.ready(), ...this.live()];
  }
}
