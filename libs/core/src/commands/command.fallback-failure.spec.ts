import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { GatewayModule } from '../gateway.module.js';
import { Command } from './command.decorator.js';

const down = new Error('down');
const taken = new Error('taken already', { cause: 'its own' });

function throws(error: unknown): never {
  throw error;
}

@Injectable()
class Users {
  /** Falls back on whatever `how` does. */
  @Command({ group: 'users', fallback: 'how' })
  async loaded(_how: () => unknown): Promise<unknown> {
    return throws(down);
  }

  @Command({ group: 'users', fallback: (error: Error): unknown => throws(error.cause) })
  async wrapped(cause: Error): Promise<unknown> {
    return throws(new Error('wrapped', { cause }));
  }

  how(_error: Error, how: () => unknown): unknown {
    return how();
  }
}

let users: Users;

beforeAll(async () => {
  const imports = [GatewayModule.forRoot({ poolDefaults: { breaker: false } })];
  const app = await Test.createTestingModule({ imports, providers: [Users] }).compile();
  await app.init();
  users = app.get(Users);
  return () => app.close();
});

describe('a fallback that fails', () => {
  it.each([
    ['throws', (error: unknown) => () => throws(error)],
    ['rejects', (error: unknown) => async () => throws(error)],
  ])('answers with its own error, and the first one as its cause, when it %s', async (_, fail) => {
    const error = new Error('no cache either');
    await expect(users.loaded(fail(error))).rejects.toBe(error);
    expect(error.cause).toBe(down);
  });

  it('keeps the cause that its error has', async () => {
    await expect(users.loaded(() => throws(taken))).rejects.toBe(taken);
    expect(taken.cause).toBe('its own');
  });

  it('may throw the first error again, which is not its own cause', async () => {
    await expect(users.loaded(() => throws(down))).rejects.toBe(down);
    expect(down.cause).toBeUndefined();
  });

  it('may throw the cause of the first error, without a circle of causes', async () => {
    const cause = new Error('root of it');
    const answer = users.wrapped(cause);
    await expect(answer).rejects.toBe(cause);
    expect(cause.cause).toBeUndefined();
  });

  it.each(['text', undefined, null])('may throw %o', async (thrown) => {
    expect(await users.loaded(() => throws(thrown)).catch((error: unknown) => ({ error }))).toEqual({ error: thrown });
  });

  it('may throw an error that is frozen', async () => {
    const frozen = Object.freeze(new Error('frozen'));
    await expect(users.loaded(async () => throws(frozen))).rejects.toBe(frozen);
    await expect(users.loaded(() => throws(frozen))).rejects.toBe(frozen);
  });
});
