import type { Clock } from '../clock.js';

/** Longer waits than that make Node's timers go off at once. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * The clock of the process, for few and long waits: one timer for each, and none that ticks meanwhile. Never early;
 * any length.
 */
export class SystemClock implements Clock {
  now(): number {
    return performance.now();
  }

  at(deadline: number, run: () => void): () => void {
    let timer: NodeJS.Timeout;
    const look = (): void => {
      if (this.now() >= deadline) run();
      else wait();
    };
    const wait = (): void => {
      const leftMs = Math.ceil(deadline - this.now());
      timer = setTimeout(look, Math.min(Math.max(leftMs, 0), LONGEST_MS));
    };
    wait();
    return () => clearTimeout(timer);
  }
}
