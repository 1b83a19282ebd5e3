import * as cockatiel from 'cockatiel';
import { contend } from './scenarios.js';
import { target } from './target.js';

export const contender = contend(async ({ windowMs, failureRatio, minimumCalls }) => {
  const breaker = cockatiel.circuitBreaker(cockatiel.handleAll, {
    halfOpenAfter: windowMs,
    breaker: new cockatiel.SamplingBreaker({
      threshold: failureRatio,
      duration: windowMs,
      minimumRps: (minimumCalls * 1_000) / windowMs,
    }),
  });
  return {
    call: (value) => breaker.execute(() => target.run(value)),
    openCircuit: () => void breaker.isolate(),
    close: () => {},
  };
});
