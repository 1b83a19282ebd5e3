import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { of } from 'rxjs';
import { ManualClock } from 'sallyport/testing';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { GatewayModule } from '../gateway.module.js';
import { PoolRegistry } from '../pools/pool.registry.js';
import { Command } from './command.decorator.js';
import { Commands } from './commands.js';

const down = new Error('down');

function throws(error: unknown): never {
  throw error;
}

@Injectable()
class Users {
  readonly guest = 'guest';

  @Command({ group: 'users', fallback: 'anonymous' })
  async byName(_first: string, _last: string): Promise<unknown> {
    return throws(down);
  }

  anonymous(error: Error, first: string, last: string): unknown {
    return [this.guest, error, first, last];
  }

  @Command({
    group: 'users',
    fallback(this: Users, error: Error, first: string, last: string) {
      return [this.guest, error, first, last] as unknown;
    },
  })
  async byFunction(_first: string, _last: string): Promise<unknown> {
    return throws(down);
  }

  @Command({ group: 'users', fallback: 'cached' })
  async live(name: string): Promise<string> {
    return throws(new Error(`no ${name}`));
  }

  /** A command in its turn, in a pool of its own. */
  @Command({ group: 'cache', fallback: (error: Error) => `none: ${error.message}` })
  async cached(error: Error, name: string): Promise<string> {
    return throws(new Error(`no cached ${name} after ${error.message}`));
  }

  /** Falls back on whatever `how` does. */
  @Command({ group: 'users', fallback: 'how' })
  async loaded(_how: () => unknown): Promise<unknown> {
    return throws(down);
  }

  how(_error: Error, how: () => unknown): unknown {
    return how();
  }
}

@Command({ group: 'hanging', timeoutMs: 100 })
class GetUser {
  readonly guest = 'guest';

  run(_name: string): Promise<unknown> {
    return new Promise(() => {});
  }

  fallback(error: Error, name: string): unknown {
    return [this.guest, error, name];
  }
}

const clock = new ManualClock();
let users: Users;
let commands: Commands;
let pools: PoolRegistry;

beforeAll(async () => {
  const imports = [GatewayModule.forRoot({ clock, poolDefaults: { breaker: false, maxConcurrent: 1 } })];
  const app = await Test.createTestingModule({ imports, providers: [Users, GetUser] }).compile();
  await app.init();
  users = app.get(Users);
  commands = app.get(Commands);
  pools = app.get(PoolRegistry);
  return () => Promise.all([app.close(), clock.advance(10_000)]);
});

const countsOf = (key: string) =>
  pools
    .get('users')!
    .snapshot()
    .circuits.find((circuit) => circuit.key === key)!.counts;

describe('a fallback answers with the instance, the error and the arguments', () => {
  it('when it is named', async () => {
    expect(await users.byName('ann', 'lee')).toEqual(['guest', down, 'ann', 'lee']);
    expect(countsOf('Users.byName')).toMatchObject({ failed: 1, fallbacks: 1, succeeded: 0 });
  });

  it('when it is a function', async () => {
    expect(await users.byFunction('ann', 'lee')).toEqual(['guest', down, 'ann', 'lee']);
  });

  it('when it is the method of a command class', async () => {
    const answer = commands.execute(GetUser, 'ann');
    await clock.advance(100);
    expect(await answer).toEqual(['guest', expect.objectContaining({ code: 'CALL_TIMEOUT' }), 'ann']);
  });

  it('when it is a command itself, with a fallback of its own', async () => {
    expect(await users.live('ann')).toBe('none: no cached ann after no ann');
  });

  it.each([
    ['a value', () => 1, 1],
    ['undefined', () => undefined, undefined],
    ['a promise', async () => 2, 2],
    ['an Observable', () => of(1, 2, 3), 3],
  ])('with %s, like a handler', async (_, how, answer) => {
    expect(await users.loaded(how)).toBe(answer);
  });

  it('without a slot: the only one is free while it runs', async () => {
    let end = (): void => {};
    const answer = users.loaded(() => new Promise<void>((resolve) => (end = resolve)));
    await clock.advance(0);
    expect(pools.get('users')!.snapshot().running).toBe(0);
    expect(await users.byName('ann', 'lee')).toContain('guest');
    end();
    await answer;
  });

  it('once, and without the deadline of the call', async () => {
    let end = (_: string): void => {};
    const how = vi.fn<() => Promise<string>>(() => new Promise((resolve) => (end = resolve)));
    const answer = users.loaded(how);
    await clock.advance(60_000);
    end('late');
    expect(await answer).toBe('late');
    expect(how).toHaveBeenCalledTimes(1);
    expect(countsOf('Users.loaded')).toMatchObject({ timedOut: 0 });
  });
});
