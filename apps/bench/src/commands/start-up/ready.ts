import { performance } from 'node:perf_hooks';

export interface Ready {
  /** Since the process began. */
  readonly ms: number;
  readonly rssMb: number;
  /** After a collection. */
  readonly heapMb: number;
}

const MB = 1024 * 1024;

export function reportReady(): void {
  const ms = performance.now();
  const rssMb = process.memoryUsage.rss() / MB;
  globalThis.gc?.();
  const ready: Ready = { ms, rssMb, heapMb: process.memoryUsage().heapUsed / MB };
  process.send?.(ready, () => process.exit());
}
