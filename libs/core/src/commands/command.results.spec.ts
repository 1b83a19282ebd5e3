import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { EMPTY, NEVER, Observable, concat, defer, of, throwError } from 'rxjs';
import { ManualClock } from 'sallyport/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { currentCall } from '../call.js';
import { GatewayModule } from '../gateway.module.js';
import { PoolRegistry } from '../pools/pool.registry.js';
import { Command } from './command.decorator.js';

@Injectable()
class Steps {
  /** Hands back whatever `work` does, as it is. */
  @Command({ group: 'steps', timeoutMs: 100 })
  run(work: () => unknown): unknown {
    return work();
  }
}

const clock = new ManualClock();
let pools: PoolRegistry;
let run: (work: () => unknown) => Promise<unknown>;

beforeAll(async () => {
  const imports = [GatewayModule.forRoot({ clock, pools: { steps: { maxConcurrent: 1, breaker: false } } })];
  const app = await Test.createTestingModule({ imports, providers: [Steps] }).compile();
  await app.init();
  pools = app.get(PoolRegistry);
  run = (work) => app.get(Steps).run(work) as Promise<unknown>;
  return () => Promise.all([app.close(), clock.advance(10_000)]);
});

const down = new Error('down');
const thenable = (settle: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => void) => () => ({
  then: settle, // oxlint-disable-line unicorn/no-thenable -- what a query builder returns
});
const throws = (thrown: unknown) => (): never => {
  throw thrown;
};

describe('a handler answers its caller', () => {
  const frozen = Object.freeze({ a: 1 });
  it.each<[what: string, work: () => unknown, answer: unknown]>([
    ['with a value', () => 7, 7],
    ['with an object, the same one', () => frozen, frozen],
    ['with undefined', () => undefined, undefined],
    ['with null', () => null, null],
    ['with a promise', async () => 'later', 'later'],
    ['with a promise of undefined', async () => undefined, undefined],
    ['with a thenable', thenable((resolve) => resolve('then')), 'then'],
    ['with a promise of a promise', async () => Promise.resolve('twice'), 'twice'],
    ['with the last value of an Observable', () => of(1, 2, 3), 3],
    ['with undefined for an Observable without values', () => EMPTY, undefined],
  ])('%s', async (_, work, answer) => {
    const promise = run(work);
    expect(promise).toBeInstanceOf(Promise);
    expect(await promise).toBe(answer);
  });

  it.each<[what: string, work: () => unknown]>([
    ['by throwing at once', throws(down)],
    ['by throwing later', async () => throws(down)()],
    ['by a thenable that rejects', thenable((_, reject) => reject(down))],
    [
      'by an Observable that errs',
      () =>
        concat(
          of(1),
          throwError(() => down),
        ),
    ],
  ])('with its own error, untouched, %s', async (_, work) => {
    await expect(run(work)).rejects.toBe(down);
    expect(down).toEqual(new Error('down'));
    expect(Object.keys(down)).toEqual([]);
  });

  it.each([['a string'], [undefined], [null], [7]])('with %o, where it throws that', async (thrown) => {
    expect(await run(throws(thrown)).catch((error: unknown) => ({ error }))).toEqual({ error: thrown });
  });

  it('and has given its slot back by then, whatever it did', () => {
    expect(pools.snapshot()[0]).toMatchObject({ running: 0, queued: 0, abandoned: 0 });
  });
});

describe('an Observable', () => {
  it('is unsubscribed when the deadline passes, and gives its slot back', async () => {
    let unsubscribed = false;
    const answer = run(() => new Observable(() => () => (unsubscribed = true)));
    const told = expect(answer).rejects.toMatchObject({ code: 'CALL_TIMEOUT' });
    await clock.advance(99);
    expect([unsubscribed, pools.snapshot()[0]!.running]).toEqual([false, 1]);
    await clock.advance(1);
    await told;
    expect([unsubscribed, pools.snapshot()[0]!.running]).toEqual([true, 0]);
  });

  it('does not answer with what it had so far when the deadline passes', async () => {
    const told = expect(run(() => concat(of('half'), NEVER))).rejects.toMatchObject({ code: 'CALL_TIMEOUT' });
    await clock.advance(100);
    await told;
  });

  it('is subscribed to inside of its call', async () => {
    expect(await run(() => defer(() => of(currentCall().route)))).toBe('steps/Steps.run');
  });
});

describe('a thenable', () => {
  it('that begins when it is awaited, as queries do, begins inside of its call', async () => {
    expect(await run(thenable((resolve) => resolve(currentCall().route)))).toBe('steps/Steps.run');
  });

  it('that cannot even be looked at is an error of the handler, which gives its slot back', async () => {
    const hostile = new Proxy({}, { get: throws(down) });
    await expect((async () => run(() => hostile))()).rejects.toBe(down);
    expect(pools.snapshot()[0]).toMatchObject({ running: 0 });
  });
});
