import { Logger } from '@nestjs/common';
import type { Outcome } from '../call.js';
import type { Clock } from '../clock.js';
import { isLocalFailure } from '../errors.js';
import type { Entrypoint } from '../routes/entrypoint.js';
import { CronExpression } from './cron-expression.js';
import { CronSchedule, IntervalSchedule, type Schedule } from './schedule.js';
import { SystemClock } from './system-clock.js';
import { Ticker } from './ticker.js';
import type { TimerData } from './timer.entrypoint.js';
import { WallClock } from './wall-clock.js';

export interface TimerSnapshot {
  handler: string;
  running: boolean;
  /** Ticks that came while it ran. */
  skipped: number;
}

/** Every timer of the app. Nobody waits for the outcome of a tick, so that one that failed is logged. */
export class Timers {
  private readonly clock: Clock;
  private readonly wall: WallClock;
  private readonly timers: { readonly handler: string; readonly ticker: Ticker }[] = [];
  private readonly logger = new Logger(Timers.name);

  /** On the clock that the app was given, which then is the time of day too, or on the computer's. */
  constructor(given?: Clock) {
    this.clock = given ?? new SystemClock();
    this.wall = given === undefined ? WallClock.ofSystem(this.clock) : WallClock.following(given);
  }

  /**
   * `entrypoint` is one that `timerProblems` found nothing wrong with. `run` resolves once the handler has really
   * settled, since the next tick may be run from then on.
   */
  add(entrypoint: Entrypoint, handler: string, run: (scheduledAt: string) => Promise<Outcome>): void {
    const { jitterMs = 0 } = entrypoint.options as TimerData;
    const settled = (scheduledAt: string): Promise<void> => this.settle(handler, scheduledAt, run);
    this.timers.push({ handler, ticker: new Ticker(this.scheduleOf(entrypoint), jitterMs, settled) });
  }

  start(): void {
    for (const { ticker } of this.timers) ticker.start();
  }

  /** No tick from now on. Resolves when what runs has ended. */
  async stop(): Promise<void> {
    await Promise.all(this.timers.map(({ ticker }) => ticker.stop()));
  }

  snapshot(): TimerSnapshot[] {
    return this.timers.map(({ handler, ticker: { running, skipped } }) => ({ handler, running, skipped }));
  }

  private scheduleOf({ kind, options }: Entrypoint): Schedule {
    const { ms, eager = false, expression, timeZone } = options as TimerData;
    return kind === 'cron'
      ? new CronSchedule(this.wall, new CronExpression(expression!, timeZone))
      : new IntervalSchedule(this.clock, this.wall, ms!, eager);
  }

  private async settle(
    handler: string,
    scheduledAt: string,
    run: (scheduledAt: string) => Promise<Outcome>,
  ): Promise<void> {
    try {
      const outcome = await run(scheduledAt);
      if (!outcome.ok) this.blame(handler, scheduledAt, outcome.error);
    } catch (error) {
      this.blame(handler, scheduledAt, error);
    }
  }

  private blame(handler: string, scheduledAt: string, error: unknown): void {
    const what = `${handler}, due ${scheduledAt},`;
    if (isLocalFailure(error)) this.logger.error(`${what} failed`, error instanceof Error ? error.stack : error);
    else this.logger.warn(`${what} did not run: ${(error as Error).message}`);
  }
}
