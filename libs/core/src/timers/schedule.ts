import type { Clock } from '../clock.js';
import type { CronExpression } from './cron-expression.js';
import type { WallClock } from './wall-clock.js';

/** When a timer is due. It is asked for the next tick by the one before, so that ticks do not drift. */
export interface Schedule {
  /** On whose scale the ticks are. */
  readonly clock: Clock;
  /** From now on; undefined: never. */
  first(): number | undefined;
  /** The first tick after `time`, which need not be one. */
  after(time: number): number | undefined;
  dateOf(tick: number): Date;
}

/** A tick every so many ms, whatever becomes of the time of day. */
export class IntervalSchedule implements Schedule {
  /** A whole number, as `ms` is, so that ticks are exact. */
  private origin = 0;

  constructor(
    readonly clock: Clock,
    private readonly wall: WallClock,
    private readonly ms: number,
    private readonly eager: boolean,
  ) {}

  first(): number {
    this.origin = Math.ceil(this.clock.now());
    return this.eager ? this.origin : this.origin + this.ms;
  }

  after(time: number): number {
    return this.origin + (Math.floor((time - this.origin) / this.ms) + 1) * this.ms;
  }

  dateOf(tick: number): Date {
    return new Date(Math.round(this.wall.now() + tick - this.clock.now()));
  }
}

/** Ticks by the time of day. */
export class CronSchedule implements Schedule {
  constructor(
    readonly clock: WallClock,
    private readonly expression: CronExpression,
  ) {}

  first(): number | undefined {
    return this.after(this.clock.now());
  }

  after(time: number): number | undefined {
    return this.expression.next(time);
  }

  dateOf(tick: number): Date {
    return new Date(tick);
  }
}
