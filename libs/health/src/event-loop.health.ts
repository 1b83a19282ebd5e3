import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { EventLoopDelay } from './event-loop-delay.js';

const MAX_DELAY_MS = 200;

/**
 * Whether the process gets to its work: `degraded` while the event loop is late, never `down`, since a restart under
 * load makes the load of the others worse.
 *
 * It is late when one sample in a hundred is, over the last 10 to 20 s. A single long stall shows in `maxMs` alone.
 */
@Injectable()
export class EventLoopHealthIndicator implements OnModuleInit, OnModuleDestroy {
  private readonly delay = new EventLoopDelay();

  constructor(@Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService) {}

  onModuleInit(): void {
    this.delay.start();
  }

  onModuleDestroy(): void {
    this.delay.stop();
  }

  /** `maxDelayMs` is what the 99th percentile may reach, 200 by default. */
  async check(
    key = 'eventLoop',
    { maxDelayMs = MAX_DELAY_MS }: { maxDelayMs?: number } = {},
  ): Promise<HealthIndicatorResult> {
    const { p99Ms, maxMs } = this.delay;
    const indicator = this.indicators.check(key);
    if (p99Ms <= maxDelayMs) return indicator.up({ p99Ms, maxMs });
    return indicator.degraded({ message: `the event loop is ${p99Ms} ms late (p99)`, p99Ms, maxMs });
  }
}
