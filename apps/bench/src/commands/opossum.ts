import CircuitBreaker from 'opossum';
import type { Guarded, Protect, Protection } from './protection.js';
import { contend } from './scenarios.js';
import { FALLBACK, target } from './target.js';

export const contender = contend(opossum({ timeout: true, snapshots: true }));

interface Choice {
  readonly timeout: boolean;
  /** On as installed: ten times per window its latencies are gathered and sorted, whether somebody listens or not. */
  readonly snapshots: boolean;
}

export function opossum(choice: Choice): Protect {
  return async (protection) => guard(protection, choice);
}

function guard(protection: Protection, { timeout, snapshots }: Choice): Guarded {
  const { slots, timeoutMs, windowMs, failureRatio, minimumCalls } = protection;
  const breaker = new CircuitBreaker((value: number) => target.run(value), {
    timeout: timeout && timeoutMs,
    capacity: slots,
    rollingCountTimeout: windowMs,
    errorThresholdPercentage: failureRatio * 100,
    volumeThreshold: minimumCalls,
    enableSnapshots: snapshots,
  });
  breaker.fallback(() => FALLBACK);
  return {
    call: (value) => breaker.fire(value),
    openCircuit: () => breaker.open(),
    bulkhead: { waiting: 0 },
    sortsItsWindow: true,
    close: () => breaker.shutdown(),
  };
}
