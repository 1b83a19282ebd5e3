import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { ManualClock } from 'sallyport/testing';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { CallTimeoutError } from '../errors.js';
import { GatewayModule } from '../gateway.module.js';
import { PoolRegistry } from '../pools/pool.registry.js';
import { Command } from './command.decorator.js';

type Work = () => unknown;
const busy = new Error('busy');

@Injectable()
class Remote {
  @Command({ group: 'remote', retry: { attempts: 5, backoffMs: 100, jitter: false } })
  async doubled(work: Work): Promise<unknown> {
    return work();
  }

  @Command({ group: 'remote', retry: { attempts: 3, backoffMs: 100, factor: 3, jitter: false } })
  async tripled(work: Work): Promise<unknown> {
    return work();
  }

  @Command({ group: 'remote', retry: { attempts: 3 } })
  async byDefault(work: Work): Promise<unknown> {
    return work();
  }

  @Command({ group: 'remote', retry: { attempts: 3, jitter: false, when: (error) => error === busy } })
  async whenBusy(work: Work): Promise<unknown> {
    return work();
  }

  @Command({ group: 'remote', retry: { attempts: 3, when: () => throws(new Error('when')) } })
  async whenUnsure(work: Work): Promise<unknown> {
    return work();
  }

  @Command({ group: 'thrifty', retry: { attempts: 5, backoffMs: 0 } })
  async thrifty(work: Work): Promise<unknown> {
    return work();
  }

  @Command({ group: 'thrifty', retry: { attempts: 5, backoffMs: 0 } })
  async thriftyToo(work: Work): Promise<unknown> {
    return work();
  }
}

function throws(error: unknown): never {
  throw error;
}

let clock: ManualClock;
let remote: Remote;
let pools: PoolRegistry;

beforeEach(async () => {
  clock = new ManualClock();
  const thrifty = { retryBudget: { ratio: 0, minPerSecond: 0.2 } };
  const imports = [GatewayModule.forRoot({ clock, pools: { thrifty }, poolDefaults: { breaker: false } })];
  const app = await Test.createTestingModule({ imports, providers: [Remote] }).compile();
  await app.init();
  remote = app.get(Remote);
  pools = app.get(PoolRegistry);
  return () => app.close();
});

/** When each attempt of a call that always fails began, and when it gave up. */
async function attempts(method: keyof Remote, error: unknown = new Error('down')): Promise<number[]> {
  const at: number[] = [];
  const call = remote[method](() => (at.push(clock.now()), throws(error)));
  const thrown = call.catch((reason: unknown) => (at.push(clock.now()), reason));
  await clock.advance(60_000);
  expect(await thrown).toBe(error);
  return at;
}

describe('a command that is retried', () => {
  it('waits twice as long before each attempt, and gives up with the last error', async () => {
    expect(await attempts('doubled')).toEqual([0, 100, 300, 700, 1_500, 1_500]);
  });

  it('waits longer by its own factor', async () => {
    expect(await attempts('tripled')).toEqual([0, 100, 400, 400]);
  });

  it('waits by default anything up to 100 ms, doubled', async () => {
    const random = vi.spyOn(Math, 'random').mockReturnValueOnce(0.25).mockReturnValueOnce(0.75);
    onTestFinished(() => random.mockRestore());
    expect(await attempts('byDefault')).toEqual([0, 25, 25 + 150, 25 + 150]);
  });

  it('does not begin to wait for what would be past its deadline', async () => {
    pools.update('remote', { timeoutMs: 700 });
    expect(await attempts('doubled')).toEqual([0, 100, 300, 300]);
  });

  it('asks `when` whether to repeat at all', async () => {
    expect(await attempts('whenBusy', busy)).toEqual([0, 100, 300, 300]);
  });

  it.each<[what: string, method: keyof Remote, error: unknown]>([
    ['where `when` says no', 'whenBusy', new Error('down')],
    ['where `when` throws', 'whenUnsure', busy],
    ['after a timeout of another call', 'doubled', new CallTimeoutError('inner', 5)],
    ['after a timeout on the other side', 'doubled', new CallTimeoutError('remote', 5, { origin: 'remote' })],
  ])('is not repeated %s', async (_, method, error) => {
    expect(await attempts(method, error)).toEqual([0, 0]);
  });

  it('shares the budget of its pool with the other commands of the pool, and with no other pool', async () => {
    const retries = async (method: keyof Remote): Promise<number> => (await attempts(method)).length - 2;
    const [one, other] = await Promise.all([retries('thrifty'), retries('thriftyToo')]);
    expect(one + other).toBe(2);
    expect(await attempts('doubled')).toHaveLength(6);
  });

  it('holds no slot while it waits', async () => {
    const call = remote.doubled(() => throws(busy)).catch(() => undefined);
    await clock.advance(50);
    expect(pools.get('remote')!.snapshot()).toMatchObject({ running: 0, queued: 0 });
    await clock.advance(10_000);
    await call;
  });
});
