import type { Schedule } from './schedule.js';

/**
 * Runs something when its schedule says so, and never while it still runs: such a tick is skipped. Ticks that nobody
 * saw, because the process or its computer slept, are one run, as late as it may be; its time is that of the first.
 */
export class Ticker {
  private skips = 0;
  private current: Promise<void> | undefined;
  private callOff: (() => void) | undefined;
  private stopped = false;

  /** `run` gets the scheduled time, ISO 8601 in UTC, and never rejects. Each tick comes up to `jitterMs` late. */
  constructor(
    private readonly schedule: Schedule,
    private readonly jitterMs: number,
    private readonly run: (scheduledAt: string) => Promise<void>,
  ) {}

  get running(): boolean {
    return this.current !== undefined;
  }

  /** How many ticks came while it ran. */
  get skipped(): number {
    return this.skips;
  }

  start(): void {
    this.arm(this.schedule.first());
  }

  /** No tick from now on. Resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.callOff?.();
    await this.current;
  }

  private arm(tick: number | undefined): void {
    if (tick === undefined || this.stopped) return;
    this.callOff = this.schedule.clock.at(tick + Math.random() * this.jitterMs, () => this.due(tick));
  }

  private due(tick: number): void {
    const scheduledAt = this.schedule.dateOf(tick).toISOString();
    this.arm(this.following(tick));
    if (this.running) this.skips++;
    else this.current = this.run(scheduledAt).then(() => void (this.current = undefined));
  }

  /** The next tick, or the first to come where that one is over too, however late its jitter could have made it. */
  private following(tick: number): number | undefined {
    const now = this.schedule.clock.now();
    const next = this.schedule.after(tick);
    return next === undefined || next + this.jitterMs >= now ? next : this.schedule.after(now);
  }
}
