/** Eight buckets for each power of two of microseconds: within 6 % of the true value, up to 70 minutes. */
const SUBDIVISIONS = 3;
const BUCKETS = 32 << SUBDIVISIONS;
const WINDOW_MS = 10_000;

/** Percentiles of the last 10 to 20 s, in a fixed amount of memory. */
export class Histogram {
  private recent = new Uint32Array(BUCKETS);
  private before = new Uint32Array(BUCKETS);
  private since = -Infinity;

  record(durationMs: number, now: number): void {
    this.turn(now);
    this.recent[bucketOf(durationMs)]!++;
  }

  /** In ms; 0 where nothing was recorded. */
  percentile(share: number, now: number): number {
    this.turn(now);
    let rank = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) rank += this.recent[bucket]! + this.before[bucket]!;
    rank = Math.ceil(rank * share);
    if (rank === 0) return 0;
    let bucket = 0;
    while ((rank -= this.recent[bucket]! + this.before[bucket]!) > 0) bucket++;
    return middleOf(bucket);
  }

  private turn(now: number): void {
    const age = now - this.since;
    if (age < WINDOW_MS) return;
    [this.before, this.recent] = [this.recent, this.before];
    this.recent.fill(0);
    if (age >= 2 * WINDOW_MS) this.before.fill(0);
    this.since = now;
  }
}

function bucketOf(durationMs: number): number {
  const micros = Math.min(Math.max(durationMs * 1000, 0), 0xffffffff) >>> 0;
  const shift = 31 - Math.clz32(micros) - SUBDIVISIONS;
  return shift <= 0 ? micros : (shift << SUBDIVISIONS) + (micros >>> shift);
}

function middleOf(bucket: number): number {
  const shift = (bucket >> SUBDIVISIONS) - 1;
  if (shift <= 0) return bucket / 1000;
  const start = (bucket - (shift << SUBDIVISIONS)) * 2 ** shift;
  return (start + 2 ** (shift - 1)) / 1000;
}
