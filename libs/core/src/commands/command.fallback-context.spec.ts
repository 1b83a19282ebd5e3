import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { ManualClock } from 'sallyport/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { currentCall } from '../call.js';
import { GatewayModule } from '../gateway.module.js';
import { PoolRegistry } from '../pools/pool.registry.js';
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

  @Command({ group: 'guarded', fallback: 'instead' })
  guarded(work: () => unknown): Promise<unknown> {
    return work() as Promise<unknown>;
  }

  @Command({ group: 'guarded', fallback: 'instead', retry: { attempts: 2, backoffMs: 100, jitter: false } })
  guardedTwice(work: () => unknown): Promise<unknown> {
    return work() as Promise<unknown>;
  }

  @Command({ group: 'guarded', fallback: 'others' })
  askingOthers(work: () => unknown): Promise<unknown> {
    return work() as Promise<unknown>;
  }

  @Command({ group: 'outer', timeoutMs: 500 })
  async outer<T>(work: () => T | Promise<T>): Promise<T> {
    return work();
  }

  async instead(): Promise<string> {
    const before = whoAsks();
    await null;
    expect(whoAsks()).toBe(before);
    return before;
  }

  others(): Promise<string> {
    return this.single(() => `${currentCall().remainingMs()} ms in ${currentCall().route}`);
  }
}

const clock = new ManualClock();
let steps: Steps;
let pools: PoolRegistry;

beforeAll(async () => {
  const single = { maxConcurrent: 1, maxQueue: 1 };
  const guarded = { ...single, timeoutMs: 200 };
  const imports = [GatewayModule.forRoot({ clock, pools: { single, guarded } })];
  const app = await Test.createTestingModule({ imports, providers: [Steps] }).compile();
  await app.init();
  steps = app.get(Steps);
  pools = app.get(PoolRegistry);
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
const failsLater = async (): Promise<never> => (await null, fails());

describe('a fallback runs in the context of the caller, outside of the call it stands in for', () => {
  const ask = (work: () => unknown, method: 'guarded' | 'guardedTwice' = 'guarded'): Promise<unknown> =>
    tenant.run('acme', () => steps[method](work));

  it('when the handler threw', async () => {
    expect(await ask(fails)).toBe('acme in no call');
    expect(await ask(failsLater)).toBe('acme in no call');
    expect(await steps.outer(() => ask(failsLater))).toBe('acme in outer/Steps.outer');
  });

  it('when the last attempt threw', async () => {
    const call = ask(failsLater, 'guardedTwice');
    await clock.advance(100);
    expect(await call).toBe('acme in no call');
  });

  it('when it was refused', async () => {
    const { work, end } = held();
    const busy = steps.guarded(work);
    const waiting = steps.guarded(work);
    expect(await ask(fails)).toBe('acme in no call');
    end();
    await Promise.all([busy, waiting]);
    pools.update('guarded', { circuit: 'forced-open' });
    expect(await steps.outer(() => ask(fails))).toBe('acme in outer/Steps.outer');
    pools.update('guarded', { circuit: 'auto' });
  });

  it('when it was refused after it had waited for its turn', async () => {
    const { work, end } = held();
    const busy = steps.guarded(work);
    const call = ask(fails);
    pools.update('guarded', { circuit: 'forced-open', key: 'Steps.guarded' });
    end();
    await busy;
    expect(await call).toBe('acme in no call');
    pools.update('guarded', { circuit: 'auto' });
  });

  it('when the deadline passed in the queue', async () => {
    const { work, end } = held();
    const busy = steps.guarded(work);
    const call = ask(fails);
    await clock.advance(200);
    expect(await call).toBe('acme in no call');
    end();
    await busy;
  });

  it.each([
    ['no call', (call: () => Promise<unknown>) => call()],
    ['outer/Steps.outer', (call: () => Promise<unknown>) => steps.outer(call)],
  ])('when the deadline passed in the handler, where only the call is kept (%s)', async (caller, from) => {
    const { work, end } = held();
    const call = from(() => ask(work));
    await clock.advance(200);
    end();
    expect(await call).toBe(`undefined in ${caller}`);
  });
});

describe('a command that a fallback calls', () => {
  it('has the deadline of the caller, not the one that passed', async () => {
    const { work, end } = held();
    const call = steps.outer(() => steps.askingOthers(work));
    await clock.advance(200);
    end();
    expect(await call).toBe('300 ms in single/Steps.single');
  });
});
