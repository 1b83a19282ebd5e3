import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { ManualClock } from 'sallyport/testing';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { GatewayError, ShuttingDownError } from '../errors.js';
import { GatewayModule } from '../gateway.module.js';
import type { CallCounts } from '../pools/circuit.js';
import { PoolRegistry } from '../pools/pool.registry.js';
import { Command } from './command.decorator.js';
import { Commands } from './commands.js';

type Work = () => unknown;

class NotFound extends Error {}

const fragile = { minimumCalls: 1, failureRatio: 0.01 };

@Injectable()
class Users {
  @Command({
    group: 'users',
    breaker: fragile,
    retry: { attempts: 3, backoffMs: 0 },
    fallback: () => 'instead',
    isFailure: (error) => !(error instanceof NotFound),
  })
  async find(work: Work): Promise<unknown> {
    return work();
  }

  @Command({ group: 'users', breaker: fragile, isFailure: () => throws(new Error('classifier')) })
  async unsure(work: Work): Promise<unknown> {
    return work();
  }

  @Command({ group: 'users', breaker: fragile, isFailure: () => true })
  async strict(work: Work): Promise<unknown> {
    return work();
  }

  @Command({ group: 'users', breaker: fragile })
  async outer(work: Work): Promise<unknown> {
    return work();
  }

  @Command({ group: 'inner' })
  async inner(work: Work): Promise<unknown> {
    return work();
  }
}

@Command({ group: 'inner' })
class Inner {
  run(work: Work): unknown {
    return work();
  }
}

function throws(error: unknown): never {
  throw error;
}

const hangs = (): Promise<never> => new Promise(() => {});
const clock = new ManualClock();
let users: Users;
let commands: Commands;
let pools: PoolRegistry;

beforeEach(async () => {
  const inner = { maxConcurrent: 1, maxQueue: 0, timeoutMs: 100 };
  const imports = [GatewayModule.forRoot({ clock, pools: { inner } })];
  const app = await Test.createTestingModule({ imports, providers: [Users, Inner] }).compile();
  await app.init();
  users = app.get(Users);
  commands = app.get(Commands);
  pools = app.get(PoolRegistry);
  return () => Promise.all([app.close(), clock.advance(10_000)]);
});

function circuit(key: string): { state: string; counts: CallCounts } {
  return pools
    .get('users')!
    .snapshot()
    .circuits.find((each) => each.key === key)!;
}

describe('an error that isFailure says is none', () => {
  it('reaches the caller: it is not counted, not repeated, and nothing stands in for it', async () => {
    const missing = new NotFound('no such user');
    const work = vi.fn<Work>(() => throws(missing));
    await expect(users.find(work)).rejects.toBe(missing);
    expect(work).toHaveBeenCalledTimes(1);
    const counts = { succeeded: 1, failed: 0, retries: 0, fallbacks: 0 };
    expect(circuit('Users.find')).toMatchObject({ state: 'closed', counts });
  });

  it('is told from a failure, which is all of that', async () => {
    const answer = users.find(() => throws(new Error('down')));
    await clock.advance(1_000);
    expect(await answer).toBe('instead');
    expect(circuit('Users.find')).toMatchObject({ state: 'open', counts: { succeeded: 0, fallbacks: 1 } });
  });

  it('has not been said to be none where isFailure throws', async () => {
    const down = new Error('down');
    await expect(users.unsure(() => throws(down))).rejects.toBe(down);
    expect(circuit('Users.unsure')).toMatchObject({ state: 'open', counts: { failed: 1 } });
  });
});

describe('what was refused or cancelled further in, in this process', () => {
  it.each<[what: string, code: string, counted: object, work: () => unknown]>([
    ['a full bulkhead', 'BULKHEAD_FULL', { refused: 1 }, () => (users.inner(hangs).catch(() => 0), users.inner(hangs))],
    [
      'an open circuit',
      'CIRCUIT_OPEN',
      { refused: 1 },
      () => (pools.update('inner', { circuit: 'forced-open' }), users.inner(hangs)),
    ],
    [
      'a cancel',
      'CALL_CANCELLED',
      { cancelled: 1 },
      () => {
        const queued = commands.queue(Inner, hangs);
        queued.cancel();
        return queued;
      },
    ],
  ])('says nothing about the target of the outer command: %s', async (_, code, counted, work) => {
    await expect(users.outer(work)).rejects.toMatchObject({ code });
    expect(circuit('Users.outer')).toMatchObject({ state: 'closed', counts: { failed: 0, ...counted } });
  });

  it('counts where isFailure says so', async () => {
    await expect(
      users.strict(() => commands.execute(Inner, () => throws(new ShuttingDownError('going')))),
    ).rejects.toMatchObject({
      code: 'SHUTTING_DOWN',
    });
    expect(circuit('Users.strict')).toMatchObject({ state: 'open', counts: { failed: 1 } });
  });

  it('is told from a timeout further in, which the outer command took part in', async () => {
    const told = expect(users.outer(() => users.inner(hangs))).rejects.toMatchObject({ code: 'CALL_TIMEOUT' });
    await clock.advance(100);
    await told;
    expect(circuit('Users.outer')).toMatchObject({ state: 'open', counts: { failed: 1, timedOut: 0 } });
  });
});

describe('what was refused on the other side of a wire', () => {
  it.each(['BULKHEAD_FULL', 'CIRCUIT_OPEN', 'SHUTTING_DOWN', 'CALL_CANCELLED', 'INVALID_CALL'])(
    'is a failure of the target: %s',
    async (code) => {
      const remote = GatewayError.fromJSON({ code, message: 'over there' });
      await expect(users.outer(() => throws(remote))).rejects.toBe(remote);
      expect(circuit('Users.outer')).toMatchObject({ state: 'open', counts: { failed: 1 } });
    },
  );
});
