import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { ManualClock } from 'sallyport/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { currentCall } from '../call.js';
import { GatewayModule } from '../gateway.module.js';
import { Command } from './command.decorator.js';

/** Of the application: the framework knows nothing of it. */
const tenant = new AsyncLocalStorage<string>();
const whoAsks = (): string => `${tenant.getStore()} in ${currentCall().route || 'no call'}`;

@Injectable()
class Steps {
  @Command({ group: 'single' })
  async single<T>(work: () => T | Promise<T>): Promise<T> {
    return work();
  }

  @Command({ group: 'single', context: false })
  async bare<T>(work: () => T | Promise<T>): Promise<T> {
    return work();
  }

  @Command({ group: 'retried', retry: { attempts: 3, backoffMs: 100, jitter: false } })
  async retried<T>(work: () => T | Promise<T>): Promise<T> {
    return work();
  }
}

const clock = new ManualClock();
let steps: Steps;

beforeAll(async () => {
  const single = { maxConcurrent: 1, maxQueue: 1 };
  const imports = [GatewayModule.forRoot({ clock, pools: { single } })];
  const app = await Test.createTestingModule({ imports, providers: [Steps] }).compile();
  await app.init();
  steps = app.get(Steps);
  return () => Promise.all([app.close(), clock.advance(10_000)]);
});

/** Work that ends when told to, in a context that is nobody's. */
function held(): { work: () => Promise<void>; end: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { work: () => promise, end: () => tenant.run('whoever ends it', resolve) };
}

const fails = (): never => {
  throw new Error('down');
};
describe('a call that waited', () => {
  it.each(['single', 'bare'] as const)('runs in the context of its caller after the queue (%s)', async (method) => {
    const { work, end } = held();
    const first = tenant.run('first', () => steps.single(work));
    const second = tenant.run('second', () => steps[method](whoAsks));
    end();
    await first;
    expect(await second).toBe(`second in ${method === 'bare' ? 'no call' : 'single/Steps.single'}`);
  });

  it('runs in the context of its caller when it is repeated, each time', async () => {
    const seen: string[] = [];
    const work = async (): Promise<void> => {
      seen.push(whoAsks());
      await null;
      seen.push(whoAsks());
      if (currentCall().attempt < 3) fails();
    };
    const call = tenant.run('acme', () => steps.retried(work));
    await clock.advance(300);
    await call;
    expect(seen).toEqual(Array(6).fill('acme in retried/Steps.retried'));
  });

  it('knows its attempt and keeps its id while it is repeated', async () => {
    const seen: [number, string][] = [];
    const call = steps.retried(() => {
      seen.push([currentCall().attempt, currentCall().id]);
      if (seen.length < 3) fails();
    });
    await clock.advance(300);
    await call;
    expect(seen.map(([attempt]) => attempt)).toEqual([1, 2, 3]);
    expect(new Set(seen.map(([, id]) => id)).size).toBe(1);
  });
});
