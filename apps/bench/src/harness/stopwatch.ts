import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import type { Contender, Prepared, Stretch } from './contender.js';

/** Nanoseconds per awaited call; undefined where the contender has no such scenario. */
export async function timePerCall(
  contender: Contender,
  scenario: string,
  budgetMs: number,
): Promise<number | undefined> {
  let calls = 0;
  let ms = 0;
  let times = 1;
  for (let time = 0; time < times && ms < budgetMs; time += 1) {
    const prepared = await contender.prepare(scenario);
    if (!prepared) return undefined;
    const { settle, fresh } = prepared.pace;
    times = fresh?.times ?? 1;
    globalThis.gc?.();
    await run(prepared, settle);
    const measured = await run(prepared, { ms: budgetMs - ms, calls: fresh?.calls });
    await prepared.close();
    calls += measured.calls;
    ms += measured.ms;
  }
  return (ms * 1e6) / calls;
}

/** Awaits one call after the other; between batches the event loop turns, so ticks and timers are in the price. */
export async function run(
  { call, pace }: Prepared,
  stretch: Stretch,
): Promise<{ readonly calls: number; readonly ms: number }> {
  const { calls: mostCalls = Infinity, ms: mostMs = Infinity } = stretch;
  const startedAt = performance.now();
  let calls = 0;
  let ms = 0;
  while (calls < mostCalls && ms < mostMs) {
    for (let value = 0; value < pace.batch; value += 1) await call(value);
    await setImmediate();
    calls += pace.batch;
    ms = performance.now() - startedAt;
  }
  return { calls, ms };
}
