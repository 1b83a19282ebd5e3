import * as cockatiel from 'cockatiel';
import type { Protect } from './protection.js';
import { contend } from './scenarios.js';
import { FALLBACK, target } from './target.js';

const protect: Protect = async ({ slots, timeoutMs, windowMs, failureRatio, minimumCalls }) => {
  const breaker = cockatiel.circuitBreaker(cockatiel.handleAll, {
    halfOpenAfter: windowMs,
    breaker: new cockatiel.SamplingBreaker({
      threshold: failureRatio,
      duration: windowMs,
      minimumRps: (minimumCalls * 1_000) / windowMs,
    }),
  });
  // The order of its documentation: the breaker sees timeouts.
  const policy = cockatiel.wrap(
    cockatiel.fallback(cockatiel.handleAll, FALLBACK),
    breaker,
    cockatiel.timeout(timeoutMs, cockatiel.TimeoutStrategy.Aggressive),
    cockatiel.bulkhead(slots, 0),
  );
  return {
    call: (value) => policy.execute(() => target.run(value)),
    sample: (value) => breaker.execute(() => target.run(value)),
    openCircuit: () => void breaker.isolate(),
    bulkhead: { waiting: 0 },
    close: () => {},
  };
};

export const contender = contend(protect);
