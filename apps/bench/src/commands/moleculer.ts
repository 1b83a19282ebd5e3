import { type Context, ServiceBroker } from 'moleculer';
import type { Protect } from './protection.js';
import { contend } from './scenarios.js';
import { FALLBACK, target } from './target.js';

/** Its bulkhead takes a queue of 0 for one without a bound. */
const WAITING = 1;

const protect: Protect = async ({ slots, timeoutMs, windowMs, failureRatio, minimumCalls }) => {
  const broker = new ServiceBroker({
    logger: false,
    internalServices: false,
    skipProcessEventRegistration: true,
    requestTimeout: timeoutMs,
    circuitBreaker: {
      enabled: true,
      threshold: failureRatio,
      minRequestCount: minimumCalls,
      windowTime: windowMs / 1_000,
      check: () => true,
    },
    bulkhead: { enabled: true, concurrency: slots, maxQueueSize: WAITING },
  });
  broker.createService({
    name: 'bench',
    actions: {
      run: {
        handler: ({ params }: Context<{ value: number }>) => target.run(params.value),
        fallback: async () => FALLBACK,
      },
    },
  });
  await broker.start();
  const call = (value: number) => broker.call<number, { value: number }>('bench.run', { value });
  return {
    call,
    // No lever for it: one failure trips, and its caller gets the fallback.
    openCircuit: async () => {
      target.throws();
      await call(0);
      target.answers();
    },
    bulkhead: { waiting: WAITING },
    close: () => broker.stop(),
  };
};

export const contender = contend(protect);
