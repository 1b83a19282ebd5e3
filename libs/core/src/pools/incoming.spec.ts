import { ManualClock } from 'sallyport/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { currentCall } from '../call.js';
import { Telemetry } from '../telemetry.js';
import { Execution } from './execution.js';
import type { LiveCallOptions } from './live-call.js';
import { composeOperation, type OperationOptions } from './operation.js';
import type { PoolOptions } from './pool.options.js';
import { Pools } from './pool.registry.js';

const arrival = { transport: 'memory', route: 'pay' };

function setUp(pool: PoolOptions = {}, options: OperationOptions = {}) {
  const clock = new ManualClock();
  const pools = new Pools(undefined, new Telemetry(), clock);
  const bounded = pools.register('billing', pool);
  onTestFinished(() => void pools.close(new Error('over')));
  const operation = composeOperation(bounded, 'pay', options);
  const open: (() => void)[] = [];
  const target = () => new Promise<void>((resolve) => open.push(resolve));
  const begin = (given: LiveCallOptions = {}) => {
    const execution = new Execution(operation, target, undefined, [], { arrival, ...given });
    const outcome = execution.submit().then(
      () => 'ok',
      (error: { code: string }) => error.code,
    );
    return { execution, outcome };
  };
  return { clock, bounded, begin, finish: () => open.shift()!() };
}

describe('a call that came in', () => {
  it('is refused by a full queue, or waits where its wire bounds what comes in', async () => {
    const { bounded, begin, finish } = setUp({ maxConcurrent: 1, maxQueue: 0 });
    const first = begin();
    expect(await begin().outcome).toBe('BULKHEAD_FULL');
    const waits = begin({ admission: 'wait' });
    expect(bounded.snapshot()).toMatchObject({ running: 1, queued: 1 });
    finish();
    expect(await first.outcome).toBe('ok');
    finish();
    expect(await waits.outcome).toBe('ok');
  });

  it('has its time from the start of the handler on, where nobody waits for it', async () => {
    const { clock, begin, finish } = setUp({ maxConcurrent: 1, timeoutMs: 100 }, { timedFromStart: true });
    const first = begin();
    const second = begin();
    await clock.advance(90);
    finish();
    expect(await first.outcome).toBe('ok');
    await clock.advance(90);
    expect(second.execution.state).toBe('running');
    expect(second.execution.remainingMs()).toBe(10);
    await clock.advance(10);
    expect(await second.outcome).toBe('CALL_TIMEOUT');
  });

  it('ends by the deadline it brought, even so', async () => {
    const { clock, begin } = setUp({ timeoutMs: 100 }, { timedFromStart: true });
    const { outcome } = begin({ arrival: { ...arrival, deadline: 20 } });
    await clock.advance(20);
    expect(await outcome).toBe('CALL_TIMEOUT');
  });

  it('says when its target has really settled, long after its caller was told', async () => {
    const { clock, begin, finish } = setUp({ timeoutMs: 10 });
    const { execution, outcome } = begin();
    await clock.advance(10);
    expect(await outcome).toBe('CALL_TIMEOUT');
    let settled = false;
    const whenSettled = execution.whenSettled().then(() => (settled = true));
    await clock.advance(1_000);
    expect(settled).toBe(false);
    finish();
    await whenSettled;
    await expect(execution.whenSettled()).resolves.toBeUndefined();
  });

  it('says so too when the slot of a target that hangs was taken from it, and where it never had one', async () => {
    const { clock, begin } = setUp({ timeoutMs: 10, abandonAfterMs: 50, maxConcurrent: 1, maxQueue: 0 });
    const { execution } = begin();
    await clock.advance(10);
    const refused = begin();
    await refused.execution.whenSettled();
    const settled = execution.whenSettled();
    await clock.advance(50);
    await expect(settled).resolves.toBeUndefined();
  });

  it('knows which attempt it is', async () => {
    const { begin, finish } = setUp();
    const { execution, outcome } = begin({ arrival: { ...arrival, attempt: 3 } });
    expect(execution.attempt).toBe(3);
    finish();
    await outcome;
  });
});

describe('the circuit of a route', () => {
  const breakerOf = (poolDefaults: PoolOptions | undefined, pool: PoolOptions) => {
    const pools = new Pools(poolDefaults, new Telemetry(), new ManualClock());
    return pools.register('billing', pool).routeBreaker;
  };

  it('is there only where the pool, or what is under all pools, was given a breaker', () => {
    expect(breakerOf(undefined, {})).toBe(false);
    expect(breakerOf(undefined, { breaker: { minimumCalls: 3 } })).toMatchObject({
      minimumCalls: 3,
      failureRatio: 0.5,
    });
    expect(breakerOf({ breaker: { minimumCalls: 3 } }, {})).toMatchObject({ minimumCalls: 3 });
    expect(breakerOf({ breaker: { minimumCalls: 3 } }, { breaker: false })).toBe(false);
  });
});

it('has no caller in this process, whatever is being served here', async () => {
  const { bounded, begin, finish } = setUp();
  await bounded.execute(async (call) => {
    const { execution, outcome } = begin();
    expect(currentCall()).toBe(call);
    expect(execution.correlationId).toBe(execution.id);
    finish();
    await outcome;
  });
});
