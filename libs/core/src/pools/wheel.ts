import { AsyncResource } from 'node:async_hooks';
import type { Expiring, Timekeeper } from './timekeeper.js';

/** Two waits of one tick each, and a timer's own millisecond each, stay under the promised 10 ms. */
const TICK_MS = 3;
const SLOTS = 1024;
const TIMED_PER_TICK = 16;

/**
 * Every deadline of an app on one timer, which runs only while there is one: a hashed timing wheel (Varghese and
 * Lauck, SOSP 1987). Never early, at most 10 ms late. Adding reads no clock, since that costs more than all the
 * rest: the next tick turns the timeout into a point in time, so that a blocked event loop cannot make it early.
 */
export class Wheel implements Timekeeper {
  private readonly slots = Array.from({ length: SLOTS }, () => new Ring());
  private readonly fresh = new Ring();
  private readonly due = new Ring();
  private held = 0;
  private ticking = false;
  private timer: NodeJS.Timeout | undefined;
  /** Of the app's start: what happens on a tick must not see the AsyncLocalStorage of whichever call came first. */
  private readonly scope = new AsyncResource('sallyport.wheel');
  private tickedAt = 0;
  private timedThisTick = 0;
  private calls = 0;

  now(): number {
    return performance.now();
  }

  coarse(): number {
    return this.ticking ? this.tickedAt : performance.now();
  }

  sample(): number | undefined {
    return this.timedThisTick++ < TIMED_PER_TICK || (this.calls++ & 15) === 0 ? performance.now() : undefined;
  }

  at(deadline: number, run: () => void): () => void {
    const entry: Expiring = { timeoutMs: 0, expiresAt: deadline, earlier: null, later: null, expire: run };
    this.add(entry);
    return () => this.remove(entry);
  }

  add(entry: Expiring): void {
    this.fresh.append(entry);
    this.held++;
    if (!this.ticking) this.start();
  }

  remove(entry: Expiring): void {
    if (entry.later === null) return;
    unlink(entry);
    this.held--;
  }

  private start(): void {
    this.ticking = true;
    this.tickedAt = performance.now();
    if (this.timer === undefined) {
      this.timer = this.scope.runInAsyncScope(() => setTimeout(() => this.tick(), TICK_MS));
    } else {
      this.timer.refresh();
    }
  }

  private tick(): void {
    const last = this.tickedAt;
    const now = performance.now();
    this.tickedAt = now;
    this.timedThisTick = 0;
    try {
      this.placeFresh(now);
      this.collectDue(last, now);
      this.expireDue();
    } finally {
      this.ticking = this.held > 0;
      if (this.ticking) this.timer!.refresh();
    }
  }

  private placeFresh(now: number): void {
    for (let entry = this.fresh.take(); entry !== null; entry = this.fresh.take()) {
      const expiresAt = (entry.expiresAt ??= now + entry.timeoutMs);
      this.slots[slotNumber(Math.max(expiresAt, now)) % SLOTS]!.append(entry);
    }
  }

  /** Looks at the slots that have come round; what is left in them waits for a later round. */
  private collectDue(last: number, now: number): void {
    const to = slotNumber(now);
    for (let slot = Math.max(slotNumber(last), to - SLOTS + 1); slot <= to; slot++) {
      this.slots[slot % SLOTS]!.moveTo(this.due, now);
    }
  }

  private expireDue(): void {
    for (let entry = this.due.take(); entry !== null; entry = this.due.take()) {
      this.held--;
      entry.expire();
    }
  }
}

function slotNumber(time: number): number {
  return Math.floor(time / TICK_MS);
}

/** A circular list with itself as its end, so that any member can leave without knowing where it is. */
class Ring implements Expiring {
  timeoutMs = 0;
  expiresAt = Infinity;
  earlier: Expiring = this;
  later: Expiring = this;

  expire(): void {}

  append(entry: Expiring): void {
    const last = this.earlier;
    entry.earlier = last;
    entry.later = this;
    last.later = entry;
    this.earlier = entry;
  }

  take(): Expiring | null {
    const first = this.later;
    if (first === this) return null;
    unlink(first);
    return first;
  }

  moveTo(other: Ring, now: number): void {
    let entry = this.later;
    while (entry !== this) {
      const next = entry.later!;
      if (entry.expiresAt! <= now) {
        unlink(entry);
        other.append(entry);
      }
      entry = next;
    }
  }
}

function unlink(entry: Expiring): void {
  entry.earlier!.later = entry.later;
  entry.later!.earlier = entry.earlier;
  entry.earlier = null;
  entry.later = null;
}
