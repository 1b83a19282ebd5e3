import { ManualClock } from 'sallyport/testing';
import { describe, expect, it } from 'vitest';
import { callStorage, currentCall, type Arrival, type CallContext } from '../call.js';
import { Telemetry } from '../telemetry.js';
import { Execution } from './execution.js';
import { composeOperation } from './operation.js';
import { Pools } from './pool.registry.js';

const clock = new ManualClock();
const arrival: Arrival = { transport: 'memory', route: 'users.get', headers: { traceparent: '00-ab-cd-01' } };

function executionOf(target: (this: Execution) => unknown, given: Partial<Arrival> = {}): Execution {
  const pool = new Pools(undefined, new Telemetry(), clock).register('wire', { timeoutMs: 100 });
  const run = (): unknown => target.call(execution);
  const options = { arrival: { ...arrival, ...given } };
  const execution: Execution = new Execution(composeOperation(pool, 'get'), run, null, [], options);
  return execution;
}

describe('a call that came in over a wire', () => {
  it('is known by what the wire says of it', async () => {
    const call = executionOf(() => currentCall(), { id: '7', attempt: 1, raw: 'frame', redelivered: true });
    const seen = (await call.submit()) as CallContext;
    expect(seen).toMatchObject({ transport: 'memory', route: 'users.get', id: '7', correlationId: '7' });
    expect(seen).toMatchObject({ raw: 'frame', redelivered: true, traceparent: '00-ab-cd-01' });
    expect(seen.headers).toEqual({ traceparent: '00-ab-cd-01' });
  });

  it('has no enclosing call, wherever its socket was made', async () => {
    const outer = executionOf(() => executionOf(() => currentCall().remainingMs()).submit(), {
      deadline: clock.now() + 5,
    });
    expect(await outer.submit()).toBe(100);
  });

  it('ends at the deadline of the wire where that is earlier than the time limit of its pool', async () => {
    const call = executionOf(() => new Promise(() => undefined), { deadline: clock.now() + 40 });
    const told = expect(call.submit()).rejects.toMatchObject({ code: 'CALL_TIMEOUT', timeoutMs: 40 });
    await clock.advance(40);
    await told;
  });
});

describe('a listener for the end of a call', () => {
  it('hears why nobody wants it any more, without an AbortSignal', async () => {
    const heard: unknown[] = [];
    const call = executionOf(function () {
      this.whenAborted((reason) => heard.push(reason.code));
      return new Promise(() => undefined);
    });
    const told = expect(call.submit()).rejects.toMatchObject({ code: 'CALL_CANCELLED' });
    call.cancel('gone');
    await told;
    expect(heard).toEqual(['CALL_CANCELLED']);
  });

  it('hears it at once where that was before', async () => {
    const call = executionOf(() => new Promise(() => undefined));
    const told = expect(call.submit()).rejects.toMatchObject({ code: 'CALL_TIMEOUT' });
    await clock.advance(100);
    await told;
    const heard: unknown[] = [];
    call.whenAborted((reason) => heard.push(reason.code));
    expect(heard).toEqual(['CALL_TIMEOUT']);
  });
});

it('a lifted deadline leaves the work to end by itself', async () => {
  let finish = (_: string): void => undefined;
  const call = executionOf(function () {
    this.liftDeadline();
    return new Promise<string>((resolve) => (finish = resolve));
  });
  const answer = call.submit();
  await clock.advance(10_000);
  expect(call.remainingMs()).toBe(Infinity);
  finish('late, and welcome');
  expect(await answer).toBe('late, and welcome');
  expect(callStorage.getStore()).toBeUndefined();
});
