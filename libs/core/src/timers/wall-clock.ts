import type { Clock } from '../clock.js';

/** How late a wait may notice that the computer slept, or that somebody set its time. */
const RECHECK_MS = 60_000;

/**
 * The time of day, in ms since the epoch, waited for on another clock. Where the time of day is set back during a
 * wait, it goes on until the point in time has really come.
 */
export class WallClock implements Clock {
  private constructor(
    private readonly base: Clock,
    private readonly read: () => number,
    private readonly recheckMs: number,
  ) {}

  /** The computer's, which may be set, and goes on while the computer sleeps, as `base` may not. */
  static ofSystem(base: Clock): WallClock {
    return new WallClock(base, () => Date.now(), RECHECK_MS);
  }

  /** The computer's as it is now, and from then on that of `base`: what moves that clock moves the time of day. */
  static following(base: Clock): WallClock {
    const start = Date.now() - base.now();
    return new WallClock(base, () => start + base.now(), Infinity);
  }

  now(): number {
    return this.read();
  }

  at(deadline: number, run: () => void): () => void {
    let callOff: () => void;
    const look = (): void => {
      if (this.now() >= deadline) run();
      else wait();
    };
    const wait = (): void => {
      const leftMs = Math.max(deadline - this.now(), 0);
      callOff = this.base.at(this.base.now() + Math.min(leftMs, this.recheckMs), look);
    };
    wait();
    return () => callOff();
  }
}
