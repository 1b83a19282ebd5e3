import type { Clock } from '../clock.js';
import type { GatewayTransport, TransportHealth, TransportHost } from '../transport.js';
import { Timers } from './timers.js';

const KINDS = ['every', 'cron'];

/** The clock as a transport: its messages are ticks, and nobody waits for what becomes of them. */
export class TimerTransport implements GatewayTransport {
  readonly name = 'timer';
  readonly kinds = KINDS;
  readonly oneWay = KINDS;
  private readonly timers: Timers;
  private stopped: Promise<void> | undefined;

  constructor(clock?: Clock) {
    this.timers = new Timers(clock);
  }

  async start(host: TransportHost): Promise<void> {
    for (const route of host.routes) {
      const run = (scheduledAt: string) => host.dispatch(route, scheduledAt, { raw: scheduledAt }, 'wait');
      this.timers.add(route.entrypoint, route.handler, run);
    }
    this.timers.start();
  }

  /** What runs is a call in a pool, and waited for with the others. */
  async stopIntake(): Promise<void> {
    this.stopped = this.timers.stop();
  }

  async close(): Promise<void> {
    await this.stopped;
  }

  health(): TransportHealth {
    return { status: 'up', timers: this.timers.snapshot() };
  }
}
