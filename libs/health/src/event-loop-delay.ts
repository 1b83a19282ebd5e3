import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 20;
const WINDOW_MS = 10_000;
const NS_PER_MS = 1e6;

/**
 * How late the event loop was in the last 10 to 20 s. Two histograms record; the one that was cleared first is read,
 * and every 10 s it is cleared and the other takes its place.
 *
 * That needs a timer: turned only when somebody asks, a probe each 30 s would be told either nothing or what is over.
 */
export class EventLoopDelay {
  private older = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private newer = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private turning: NodeJS.Timeout | undefined;

  start(): void {
    this.older.enable();
    this.newer.enable();
    this.turning ??= setInterval(() => this.turn(), WINDOW_MS).unref();
  }

  stop(): void {
    this.older.disable();
    this.newer.disable();
    clearInterval(this.turning);
    this.turning = undefined;
  }

  get p99Ms(): number {
    return lateness(this.older.percentile(99));
  }

  get maxMs(): number {
    return lateness(this.older.max);
  }

  private turn(): void {
    this.older.reset();
    [this.older, this.newer] = [this.newer, this.older];
  }
}

/** What is recorded is the time between two samples, which are to be `RESOLUTION_MS` apart. */
function lateness(recordedNs: number): number {
  return Math.max(0, Math.round(recordedNs / NS_PER_MS - RESOLUTION_MS));
}
