import type { Clock } from '../clock.js';

/** Something that ends by itself at a point in time. The links belong to the wheel that holds it. */
export interface Expiring {
  /** From `add` on, in ms. */
  timeoutMs: number;
  /** Absolute; undefined until somebody asked, or the next tick came. */
  expiresAt: number | undefined;
  earlier: Expiring | null;
  later: Expiring | null;
  expire(): void;
}

/** What the call path asks of time. */
export interface Timekeeper extends Clock {
  add(entry: Expiring): void;
  /** Does nothing for an entry that is not held. */
  remove(entry: Expiring): void;
  /** `now()`, perhaps a few ms old: good enough for windows of seconds. */
  coarse(): number;
  /** `now()` where this call should be timed: every call at low rates, one in sixteen at high ones. */
  sample(): number | undefined;
}

/** Deadlines on a clock that somebody else drives; exact rather than fast. */
export class ClockTimekeeper implements Timekeeper {
  private readonly armed = new Map<Expiring, () => void>();

  constructor(private readonly clock: Clock) {}

  now(): number {
    return this.clock.now();
  }

  at(deadline: number, run: () => void): () => void {
    return this.clock.at(deadline, run);
  }

  coarse(): number {
    return this.clock.now();
  }

  sample(): number {
    return this.clock.now();
  }

  add(entry: Expiring): void {
    entry.expiresAt ??= this.clock.now() + entry.timeoutMs;
    const disarm = this.clock.at(entry.expiresAt, () => {
      this.armed.delete(entry);
      entry.expire();
    });
    this.armed.set(entry, disarm);
  }

  remove(entry: Expiring): void {
    this.armed.get(entry)?.();
    this.armed.delete(entry);
  }
}
