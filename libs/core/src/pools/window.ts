const BUCKETS = 10;

/**
 * Counts over a window that slides by timestamp: ten buckets, each stamped with the tenth of the window it counts,
 * so that an old count is gone when it is old, whatever came in between. Nothing grows and nothing ticks.
 */
export class SlidingWindow {
  private readonly bucketMs: number;
  private readonly counts: Uint32Array;
  private readonly stamps = new Float64Array(BUCKETS).fill(-Infinity);

  /** `rows`: how many different things it counts. */
  constructor(
    windowMs: number,
    private readonly rows: number,
  ) {
    this.bucketMs = windowMs / BUCKETS;
    this.counts = new Uint32Array(BUCKETS * rows);
  }

  add(row: number, now: number): void {
    const stamp = Math.floor(now / this.bucketMs);
    const bucket = stamp % BUCKETS;
    if (this.stamps[bucket] !== stamp) {
      this.stamps[bucket] = stamp;
      this.counts.fill(0, bucket * this.rows, (bucket + 1) * this.rows);
    }
    this.counts[bucket * this.rows + row]!++;
  }

  sum(row: number, now: number): number {
    const oldest = Math.floor(now / this.bucketMs) - BUCKETS;
    let sum = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      if (this.stamps[bucket]! > oldest) sum += this.counts[bucket * this.rows + row]!;
    }
    return sum;
  }

  clear(): void {
    this.stamps.fill(-Infinity);
  }
}
