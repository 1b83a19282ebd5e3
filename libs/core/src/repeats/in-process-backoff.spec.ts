import { getEventListeners } from 'node:events';
import { ManualClock } from 'sallyport/testing';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Outcome } from '../call.js';
import { CallCancelledError, CallTimeoutError, ShuttingDownError } from '../errors.js';
import type { AttemptRecord } from './attempt.js';
import { backoff, linear } from './backoff.js';
import { InProcessBackoff, type RepeatableWork, type RepeatedOutcome } from './in-process-backoff.js';

const FAILED: Outcome = { ok: false, error: new TypeError('no') };
const DONE: Outcome = { ok: true, value: 'done' };

let clock: ManualClock;
let inProcess: InProcessBackoff;
let log: string[];

beforeEach(() => {
  clock = new ManualClock();
  inProcess = new InProcessBackoff(clock, 2);
  log = [];
});

/** Plays one outcome for each attempt, the last one for the rest. */
function work(outcomes: Outcome[], own: Partial<RepeatableWork> = {}): RepeatableWork {
  return {
    payload: 'letter',
    backoff: backoff({ maxRetries: 3, intervalMs: linear({ startMs: 100, stepMs: 100 }) }),
    deadline: Infinity,
    run: async ({ count }: AttemptRecord) => {
      log.push(`attempt ${count} at ${clock.now()}`);
      return outcomes[Math.min(count, outcomes.length - 1)]!;
    },
    callback: (payload, error, attempt) => {
      log.push(`callback ${String(payload)} ${error.message} after ${attempt.count}`);
      return 'saved';
    },
    ...own,
  };
}

/** What came of it once that much time has passed; undefined: nothing yet. */
async function after(ms: number, one: RepeatableWork): Promise<RepeatedOutcome | undefined> {
  let result: RepeatedOutcome | undefined;
  void inProcess.run(one).then((outcome) => (result = outcome));
  await clock.advance(ms);
  return result;
}

describe('InProcessBackoff', () => {
  it('runs what succeeds once, and calls nobody back', async () => {
    expect(await after(0, work([DONE]))).toMatchObject({ outcome: DONE, attempt: { count: 0 }, callback: undefined });
    expect(log).toEqual(['attempt 0 at 0']);
  });

  it('waits as the backoff says before each retry, until one succeeds', async () => {
    expect(await after(1_000, work([FAILED, FAILED, DONE]))).toMatchObject({
      outcome: DONE,
      attempt: { count: 2, error: { type: 'TypeError', message: 'no' } },
      callback: undefined,
    });
    expect(log).toEqual(['attempt 0 at 0', 'attempt 1 at 100', 'attempt 2 at 300']);
  });

  it('calls back once when the attempts are used up, with payload, error and what was tried', async () => {
    expect(await after(1_000, work([FAILED]))).toMatchObject({
      outcome: FAILED,
      attempt: { count: 3, first: expect.any(Date), last: expect.any(Date), error: { type: 'TypeError' } },
      callback: { ok: true, value: 'saved' },
    });
    expect(log.slice(3)).toEqual(['attempt 3 at 600', 'callback letter no after 3']);
    expect(inProcess.waiting).toBe(0);
  });

  it.each([
    ['throws', () => void JSON.parse('{')],
    ['rejects', () => Promise.reject(new SyntaxError('no JSON'))],
  ])('tells of a callback that %s', async (_how, callback) => {
    const result = await after(1_000, work([FAILED], { callback }));
    expect(result).toMatchObject({ outcome: FAILED, callback: { ok: false, error: expect.any(SyntaxError) } });
  });

  it('waits for the callback before it says how it ended', async () => {
    let saved!: () => void;
    const callback = (): Promise<void> => new Promise((resolve) => (saved = resolve));
    const running = inProcess.run(work([FAILED], { backoff: undefined, callback }));
    await clock.advance(0);
    const first = await Promise.race([running, Promise.resolve('not yet')]);
    saved();
    expect([first, (await running).callback]).toEqual(['not yet', { ok: true, value: undefined }]);
  });

  it('calls back at once without a backoff, and for an error that the backoff does not accept', async () => {
    await after(0, work([FAILED], { backoff: undefined }));
    await after(0, work([FAILED], { backoff: backoff({ except: [TypeError] }) }));
    expect(log).toEqual([
      'attempt 0 at 0',
      'callback letter no after 0',
      'attempt 0 at 0',
      'callback letter no after 0',
    ]);
  });

  it('ends without a callback where there is none', async () => {
    expect(await after(0, work([FAILED], { backoff: undefined, callback: undefined }))).toMatchObject({
      outcome: FAILED,
      callback: undefined,
    });
  });

  it('does not wait for a retry that the deadline would come before', async () => {
    const result = await after(100, work([FAILED], { deadline: 300 }));
    expect(result).toMatchObject({ outcome: FAILED, attempt: { count: 1 }, callback: { ok: true } });
    expect(log).toEqual(['attempt 0 at 0', 'attempt 1 at 100', 'callback letter no after 1']);
  });

  it('tries for ever where it is told so', async () => {
    const forEver = backoff({ maxRetries: Infinity, intervalMs: 10 });
    expect(await after(995, work([FAILED], { backoff: forEver }))).toBeUndefined();
    expect(log.at(-1)).toBe('attempt 99 at 990');
  });

  it('calls back instead of waiting where too many wait already', async () => {
    expect(await after(0, work([FAILED]))).toBeUndefined();
    expect(await after(0, work([FAILED]))).toBeUndefined();
    expect(inProcess.waiting).toBe(2);
    expect(await after(0, work([FAILED]))).toMatchObject({ callback: { ok: true } });
    expect(inProcess.waiting).toBe(2);
  });

  it('ends every wait when it is stopped, with the callback, and begins none after that', async () => {
    const running = inProcess.run(work([FAILED]));
    await clock.advance(50);
    inProcess.stop();
    expect(await running).toMatchObject({ outcome: FAILED, attempt: { count: 0 }, callback: { ok: true } });
    expect(await after(0, work([FAILED]))).toMatchObject({ attempt: { count: 0 }, callback: { ok: true } });
    await clock.advance(1_000);
    expect(log).toEqual([
      'attempt 0 at 0',
      'callback letter no after 0',
      'attempt 0 at 50',
      'callback letter no after 0',
    ]);
  });

  it('leaves no alarm behind when it is stopped', async () => {
    const callOff = vi.fn();
    const at = vi.fn(() => callOff);
    const stopped = new InProcessBackoff({ now: () => 0, at });
    const running = stopped.run(work([FAILED]));
    await vi.waitUntil(() => stopped.waiting === 1);
    stopped.stop();
    await running;
    expect([at.mock.calls.length, callOff.mock.calls.length]).toEqual([1, 1]);
  });

  it('does not try again what was refused because this process is going away', async () => {
    const refused = (origin: 'local' | 'remote'): Outcome => ({
      ok: false,
      error: new ShuttingDownError('going', { origin }),
    });
    expect(await after(0, work([refused('local')]))).toMatchObject({ callback: { ok: true } });
    expect(await after(100, work([refused('remote'), DONE]))).toMatchObject({ outcome: DONE });
  });

  it('neither tries again nor calls back what its caller cancelled', async () => {
    const cancelled: Outcome = { ok: false, error: new CallCancelledError('cancelled') };
    expect(await after(0, work([cancelled]))).toMatchObject({ outcome: cancelled, callback: undefined });
    expect(log).toEqual(['attempt 0 at 0']);
  });

  it('ends a wait when its caller gives up, and listens no more', async () => {
    const caller = new AbortController();
    const running = inProcess.run(work([FAILED], { signal: caller.signal }));
    await clock.advance(50);
    caller.abort('bored');
    const { outcome, callback } = await running;
    expect(outcome).toMatchObject({ ok: false, error: { code: 'CALL_CANCELLED', cause: 'bored' } });
    expect([callback, inProcess.waiting]).toEqual([undefined, 0]);
    await clock.advance(1_000);
    expect(log).toEqual(['attempt 0 at 0']);
  });

  it('leaves the reason of a signal as it is where it is an error of ours', async () => {
    const caller = new AbortController();
    caller.abort(new CallTimeoutError('late', 5));
    const result = await after(0, work([FAILED], { signal: caller.signal }));
    expect(result).toMatchObject({ outcome: { error: { code: 'CALL_TIMEOUT' } }, callback: undefined });
  });

  it('leaves no listener on the signal of a caller once a wait is over', async () => {
    const caller = new AbortController();
    await after(1_000, work([FAILED], { signal: caller.signal }));
    expect(getEventListeners(caller.signal, 'abort')).toEqual([]);
  });
});
