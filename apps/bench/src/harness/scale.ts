import { getHeapStatistics } from 'node:v8';
import type { Contender, Prepared } from './contender.js';
import { spread } from './statistics.js';
import { run } from './stopwatch.js';

const SLICES = 200;
const CALLS_PER_SLICE = 10;
const SETTLE_MS = 20;

/** Bytes allocated on the JavaScript heap per awaited call; undefined where the contender has no such scenario. */
export async function bytesPerCall(contender: Contender, scenario: string): Promise<number | undefined> {
  const prepared = await contender.prepare(scenario);
  if (!prepared) return undefined;
  const { settle, fresh } = prepared.pace;
  await run(prepared, { ms: SETTLE_MS, calls: settle.calls });
  const perSlice = await growth(prepared, CALLS_PER_SLICE, fresh ? fresh.calls / CALLS_PER_SLICE : SLICES);
  const ownShare = await growth(prepared, 0, SLICES);
  await prepared.close();
  return (perSlice - ownShare) / CALLS_PER_SLICE;
}

/** A slice is too short for most collections to fall into it, and the median drops those that do. */
async function growth(prepared: Prepared, calls: number, slices: number): Promise<number> {
  globalThis.gc?.();
  const grown: number[] = [];
  for (let slice = 0; slice < slices; slice += 1) {
    const before = getHeapStatistics().used_heap_size;
    for (let value = 0; value < calls; value += 1) await prepared.call(value);
    grown.push(getHeapStatistics().used_heap_size - before);
  }
  return spread(grown).median;
}
