import { getEventListeners } from 'node:events';
import { ManualClock } from 'sallyport/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { currentCall, type CallContext, type CallOptions } from './call.js';
import { Pools } from './pools/pool.registry.js';
import { Telemetry } from './telemetry.js';

const clock = new ManualClock();
const pool = new Pools({ timeoutMs: 1_000 }, new Telemetry(), clock).register('billing');

/** The call as its handler sees it. */
const seen = (options?: CallOptions): Promise<CallContext> =>
  pool.execute((call) => call, { key: 'charge', ...options });
const hangs = (): Promise<never> => new Promise(() => {});

describe('outside of any call', () => {
  it('there is a root that has no deadline', () => {
    const root = currentCall();
    expect(root).toMatchObject({ transport: 'local', route: '', headers: {}, deadline: Infinity, attempt: 1 });
    expect(root).toMatchObject({ redelivered: false, traceparent: undefined, raw: undefined });
    expect(root.remainingMs()).toBe(Infinity);
  });

  it('nothing is kept of who listens to its signal, which never aborts', () => {
    const { signal } = currentCall();
    signal.addEventListener('abort', () => {});
    expect(signal.aborted).toBe(false);
    expect(getEventListeners(currentCall().signal, 'abort')).toEqual([]);
  });

  it('nobody can write headers into it for all others', () => {
    expect(Object.isFrozen(currentCall().headers)).toBe(true);
  });
});

describe('a call', () => {
  it('says what it is', async () => {
    const call = await seen();
    expect(call).toMatchObject({ route: 'billing/charge', transport: 'local', attempt: 1, redelivered: false });
    expect(call.raw).toBeUndefined();
  });

  it('is the current one before and after every await, and no more once it is over', async () => {
    const calls: CallContext[] = [];
    const task = async (call: CallContext) => {
      calls.push(call, currentCall());
      await null;
      calls.push(currentCall());
      await new Promise((resolve) => setImmediate(resolve));
      calls.push(currentCall());
    };
    await pool.execute(task);
    expect(new Set(calls).size).toBe(1);
    expect(currentCall()).not.toBe(calls[0]);
  });

  it('has an absolute deadline on the clock, and tells what remains of it, never less than 0', async () => {
    const call = await seen({ timeoutMs: 300 });
    const { deadline } = call;
    expect(deadline).toBe(clock.now() + 300);
    await clock.advance(100);
    expect([call.deadline, call.remainingMs()]).toEqual([deadline, 200]);
    await clock.advance(500);
    expect([call.deadline, call.remainingMs()]).toEqual([deadline, 0]);
  });

  it('has none where the pool gives none', async () => {
    const endless = new Pools({ timeoutMs: false }, new Telemetry(), clock).register('endless');
    const call = await endless.execute((own) => own);
    expect([call.deadline, call.remainingMs()]).toEqual([Infinity, Infinity]);
  });

  it('has an id of its own, made once', async () => {
    const calls = await Promise.all(Array.from({ length: 10 }, () => seen()));
    expect(new Set(calls.map(({ id }) => id)).size).toBe(10);
    expect(calls[0]!.id).toBe(calls[0]!.id);
  });
});

describe('the signal of a call', () => {
  it('is made only when somebody asks for it, and once', async () => {
    const made = vi.spyOn(globalThis, 'AbortController');
    onTestFinished(() => made.mockRestore());
    await seen();
    const timedOut = expect(pool.execute(hangs)).rejects.toMatchObject({ code: 'CALL_TIMEOUT' });
    await clock.advance(1_000);
    await timedOut;
    expect(made).not.toHaveBeenCalled();
    await pool.execute((call) => call.signal === call.signal && call.signal);
    expect(made).toHaveBeenCalledTimes(1);
  });

  it('aborts with the error its caller gets, for who asked before and for who asks later', async () => {
    let early!: AbortSignal;
    let own!: CallContext;
    const answer = pool.execute((call) => ((own = call), (early = call.signal), hangs()));
    const error = answer.catch((reason: unknown) => reason);
    await clock.advance(1_000);
    expect(early.reason).toBe(await error);
    expect(own.signal).toBe(early);

    const silent = pool.execute((call) => ((own = call), hangs())).catch((reason: unknown) => reason);
    await clock.advance(1_000);
    expect(own.signal.reason).toBe(await silent);
  });

  it('stays quiet when the call ends well', async () => {
    const signal = await pool.execute((call) => call.signal);
    await clock.advance(5_000);
    expect(signal.aborted).toBe(false);
  });
});

describe('the options of a call', () => {
  it('add headers, with names in lower case', async () => {
    const { headers } = await seen({ headers: { 'X-Tenant': 'acme', Accept: 'text' } });
    expect(headers).toEqual({ 'x-tenant': 'acme', accept: 'text' });
    expect(Object.isFrozen(headers)).toBe(true);
  });

  it('cancel it by a signal, whose reason is the cause', async () => {
    const controller = new AbortController();
    const signals: AbortSignal[] = [];
    const answer = pool.execute((call) => (signals.push(call.signal), hangs()), { signal: controller.signal });
    const neighbour = pool.execute((call) => (signals.push(call.signal), hangs()), { timeoutMs: 50 });
    controller.abort('bored');
    await expect(answer).rejects.toMatchObject({ code: 'CALL_CANCELLED', cause: 'bored' });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    const timedOut = expect(neighbour).rejects.toMatchObject({ code: 'CALL_TIMEOUT' });
    await clock.advance(50);
    await timedOut;
  });

  it('let no handler run when their signal has aborted before', async () => {
    const task = vi.fn<() => void>();
    const answer = pool.execute(task, { signal: AbortSignal.abort('bored') });
    await expect(answer).rejects.toMatchObject({ code: 'CALL_CANCELLED', cause: 'bored' });
    expect(task).not.toHaveBeenCalled();
  });

  it('leave no listener on their signal once the call is over, however it ended', async () => {
    const { signal } = new AbortController();
    await seen({ signal });
    await expect(pool.execute(() => Promise.reject(new Error('down')), { signal })).rejects.toThrow('down');
    const timedOut = expect(pool.execute(hangs, { signal })).rejects.toMatchObject({ code: 'CALL_TIMEOUT' });
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await clock.advance(1_000);
    await timedOut;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it.each([
    [{ timeoutMs: 0 }, 'call options.timeoutMs: must be a number above 0, got 0'],
    [{ timeout: 5 }, 'call options.timeout: is not an option; did you mean timeoutMs?'],
    [{ signal: {} }, 'call options.signal: must be an AbortSignal'],
    [{ headers: { a: 1 } }, 'call options.headers: must be an object of strings'],
    [{ idempotent: 'no' }, 'call options.idempotent: must be true or false, got "no"'],
  ])('are refused when they cannot be meant: %o', async (options, message) => {
    await expect(pool.execute(() => 1, options as CallOptions)).rejects.toThrow(message);
  });
});
