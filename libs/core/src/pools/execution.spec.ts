import { AsyncLocalStorage } from 'node:async_hooks';
import { ManualClock } from 'sallyport/testing';
import { describe, expect, it, vi } from 'vitest';
import { Telemetry } from '../telemetry.js';
import { Execution } from './execution.js';
import { composeOperation, type AnyFunction, type Operation } from './operation.js';
import type { PoolOptions } from './pool.options.js';
import { Pools } from './pool.registry.js';
import { RetryPolicy, type RetryOptions } from './retry.js';

function setUp(pool: PoolOptions = {}) {
  const clock = new ManualClock();
  const bounded = new Pools(undefined, new Telemetry(), clock).register('billing', pool);
  const call = (target: AnyFunction, parts: Partial<Operation> = {}) => {
    return new Execution({ ...composeOperation(bounded, 'charge'), ...parts }, target, undefined, []).submit();
  };
  return { clock, call, pool: bounded, counts: () => bounded.snapshot().circuits[0]!.counts };
}

const retry = (options: Partial<RetryOptions> = {}) =>
  new RetryPolicy({ attempts: 3, backoffMs: 100, jitter: false, ...options });

const fails = () => Promise.reject(new Error('down'));
const hangs = () => new Promise<never>(() => {});

describe('retry', () => {
  it('tries again after a wait that grows, without a slot meanwhile', async () => {
    const { clock, call, pool, counts } = setUp({ maxConcurrent: 1 });
    const target = vi.fn<() => Promise<string>>().mockImplementationOnce(fails).mockImplementationOnce(fails);
    const answer = call(target.mockResolvedValueOnce('third'), { retry: retry() });
    await clock.advance(0);
    expect(pool.snapshot().running).toBe(0);
    await clock.advance(99);
    expect(target).toHaveBeenCalledTimes(1);
    await clock.advance(1);
    expect(target).toHaveBeenCalledTimes(2);
    await clock.advance(200);
    await expect(answer).resolves.toBe('third');
    expect(counts()).toMatchObject({ succeeded: 1, failed: 0, retries: 2 });
  });

  it('is not begun when it would end past the deadline: the failure is told at once', async () => {
    const { clock, call } = setUp({ timeoutMs: 100 });
    const answer = expect(call(fails, { retry: retry() })).rejects.toThrow('down');
    await clock.advance(0);
    await answer;
    expect(clock.now()).toBe(0);
  });

  it('stays inside the budget of its pool', async () => {
    const { clock, call, counts } = setUp({ retryBudget: { ratio: 0.1, minPerSecond: 0 }, breaker: false });
    const calls = Array.from({ length: 10 }, () =>
      call(fails, { retry: retry({ backoffMs: 0 }) }).catch(() => undefined),
    );
    await clock.advance(1_000);
    await Promise.all(calls);
    expect(counts()).toMatchObject({ failed: 10, retries: 1 });
  });

  it('is not for timeouts, and for refusals only when asked for', async () => {
    const { clock, call, pool } = setUp({ timeoutMs: 50 });
    const hung = vi.fn(hangs);
    const timedOut = expect(call(hung, { retry: retry({ when: () => true }) })).rejects.toMatchObject({
      code: 'CALL_TIMEOUT',
    });
    await clock.advance(1_000);
    await timedOut;
    expect(hung).toHaveBeenCalledTimes(1);
    pool.update({ circuit: 'forced-open' });
    await expect(call(() => 1, { retry: retry() })).rejects.toMatchObject({ code: 'CIRCUIT_OPEN' });
    const later = call(() => 'let in', { retry: retry({ backoffMs: 10, when: () => true }) });
    pool.update({ circuit: 'auto' });
    await clock.advance(10);
    await expect(later).resolves.toBe('let in');
  });

  it('names the failure before it when the circuit refuses the next attempt', async () => {
    const { clock, call } = setUp({ breaker: { minimumCalls: 1 } });
    const answer = expect(call(fails, { retry: retry() })).rejects.toMatchObject({
      code: 'CIRCUIT_OPEN',
      cause: { message: 'down' },
    });
    await clock.advance(100);
    await answer;
  });
});

describe('fallback', () => {
  it('is outside the deadline, and can be cancelled with the call', async () => {
    const { clock, call, counts } = setUp({ timeoutMs: 100 });
    let answer!: (value: unknown) => void;
    const fallback = () => new Promise((resolve) => (answer = resolve));
    const slow = call(fails, { fallback });
    await clock.advance(500);
    answer('at last');
    await expect(slow).resolves.toBe('at last');
    expect(counts()).toMatchObject({ failed: 1, timedOut: 0, fallbacks: 1 });
  });

  it('sees the AsyncLocalStorage of its caller when the call waited for a slot, and so does the target', async () => {
    const { clock, call } = setUp({ maxConcurrent: 1, timeoutMs: 100 });
    const storage = new AsyncLocalStorage<string>();
    let free!: (value: unknown) => void;
    const first = storage.run('first', () => call(() => new Promise((resolve) => (free = resolve))));
    const second = storage.run('second', () => call(() => storage.getStore(), { context: false }));
    free('done');
    await first;
    await expect(second).resolves.toBe('second');
    void storage.run('third', () => call(hangs)).catch(() => undefined);
    const fourth = storage.run('fourth', () => call(hangs, { fallback: () => storage.getStore() }));
    await clock.advance(100);
    await expect(fourth).resolves.toBe('fourth');
  });
});

describe('a verdict', () => {
  it('of an isFailure that throws is a failure', async () => {
    const { call, counts } = setUp();
    const isFailure = () => {
      throw new Error('classifier');
    };
    await expect(call(fails, { isFailure })).rejects.toThrow('down');
    expect(counts()).toMatchObject({ failed: 1 });
  });

  it('of an isFailure that says no is an answer: no failure, no retry, no fallback', async () => {
    const { call, counts } = setUp();
    const target = vi.fn(fails);
    const parts = { isFailure: () => false, retry: retry(), fallback: () => 'fallback' };
    await expect(call(target, parts)).rejects.toThrow('down');
    expect(target).toHaveBeenCalledOnce();
    expect(counts()).toMatchObject({ succeeded: 1, failed: 0, fallbacks: 0, retries: 0 });
  });
});

describe('a call that is cancelled by the code of somebody else, just as it settles', () => {
  it('is told once and leaves nothing behind: by the call that its slot let in', async () => {
    const { call, pool, counts } = setUp({ maxConcurrent: 1 });
    const target = () => Promise.reject(new Error('down'));
    const operation = { ...composeOperation(pool, 'charge'), retry: retry() };
    const first = new Execution(operation, target, undefined, []);
    const told = expect(first.submit()).rejects.toMatchObject({ code: 'CALL_CANCELLED', cause: 'by the second' });
    await expect(call(() => first.cancel('by the second'))).resolves.toBe(true);
    await told;
    expect(pool.snapshot()).toMatchObject({ running: 0, queued: 0, abandoned: 0 });
    expect(pool.active.size).toBe(0);
    expect(counts()).toMatchObject({ cancelled: 1, retries: 0, failed: 0 });
  });

  it('is told once and leaves nothing behind: by its own isFailure', async () => {
    const { pool } = setUp();
    const isFailure = () => execution.cancel('by the classifier');
    const operation = composeOperation(pool, 'charge', { isFailure }, () => 'fallback');
    const execution: Execution = new Execution(operation, fails, undefined, []);
    await expect(execution.submit()).rejects.toMatchObject({ code: 'CALL_CANCELLED' });
    expect(pool.snapshot()).toMatchObject({ running: 0, abandoned: 0 });
    expect(pool.active.size).toBe(0);
  });
});
