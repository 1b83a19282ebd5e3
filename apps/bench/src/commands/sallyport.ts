import 'reflect-metadata';
import { Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GatewayModule, PoolRegistry } from 'sallyport';
import type { Guarded, Protect } from './protection.js';

export const GROUP = 'bench';

/** Boots a Nest application around one provider, and protects whatever `pick` calls on it. */
export function sallyport<T extends object>(
  provider: Type<T>,
  pick: (get: <S>(token: Type<S> | (abstract new (...args: never[]) => S)) => S) => Guarded['call'],
): Protect {
  return async ({ slots, timeoutMs, windowMs, failureRatio, minimumCalls }) => {
    const breaker = { windowMs, failureRatio, minimumCalls };
    const pools = { [GROUP]: { maxConcurrent: slots, maxQueue: 0, timeoutMs, breaker } };

    @Module({ imports: [GatewayModule.forRoot({ pools })], providers: [provider] })
    class BenchModule {}

    const app = await NestFactory.createApplicationContext(BenchModule, { logger: false });
    return {
      call: pick((token) => app.get(token)),
      openCircuit: () => app.get(PoolRegistry).update(GROUP, { circuit: 'forced-open' }),
      bulkhead: { waiting: 0 },
      close: () => app.close(),
    };
  };
}
