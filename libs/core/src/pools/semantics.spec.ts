import { ManualClock } from 'sallyport/testing';
import { describe, expect, it, vi } from 'vitest';
import { isGatewayError } from '../errors.js';
import { Telemetry } from '../telemetry.js';
import type { BoundedPool } from './bounded-pool.js';
import type { PoolOptions } from './pool.options.js';
import { Pools } from './pool.registry.js';

/** The eight of DESIGN "Pools": each is a defect that was found in a library of this field. */
const clock = new ManualClock();

function poolWith(options: PoolOptions): BoundedPool {
  return new Pools(undefined, new Telemetry(), clock).register('billing', options);
}

function deferred<T = unknown>() {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((...settle) => ([resolve, reject] = settle));
  return { promise, resolve, reject };
}

async function failing(pool: BoundedPool, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    await expect(pool.execute(() => Promise.reject(new Error('down')))).rejects.toThrow('down');
  }
}

const stateOf = (pool: BoundedPool) => pool.snapshot().circuits[0]!.state;

describe('a slot is held until the work has really settled', () => {
  it('keeps the slot of work whose caller was told "timeout", and counts it as abandoned', async () => {
    const pool = poolWith({ maxConcurrent: 1, maxQueue: 0, timeoutMs: 100 });
    const work = deferred();
    const call = expect(pool.execute(() => work.promise)).rejects.toMatchObject({
      code: 'CALL_TIMEOUT',
      timeoutMs: 100,
    });
    await clock.advance(100);
    await call;
    expect(pool.snapshot()).toMatchObject({ running: 1, abandoned: 1 });
    await expect(pool.execute(() => 'second')).rejects.toMatchObject({ code: 'BULKHEAD_FULL' });
    work.resolve('late');
    await work.promise;
    expect(pool.snapshot()).toMatchObject({ running: 0, abandoned: 0 });
    await expect(pool.execute(() => 'third')).resolves.toBe('third');
  });

  it('gives the slot of a target that hangs back after abandonAfterMs, and says that it hangs', async () => {
    const pool = poolWith({ maxConcurrent: 1, timeoutMs: 100, abandonAfterMs: 50 });
    const work = deferred();
    const told = expect(pool.execute(() => work.promise)).rejects.toMatchObject({ code: 'CALL_TIMEOUT' });
    await clock.advance(149);
    await told;
    expect(pool.snapshot()).toMatchObject({ running: 1, abandoned: 1, hung: 0 });
    await clock.advance(1);
    expect(pool.snapshot()).toMatchObject({ running: 0, abandoned: 0, hung: 1 });
    work.reject(new Error('late'));
    await clock.advance(0);
    expect(pool.snapshot()).toMatchObject({ running: 0, abandoned: 0, hung: 0 });
  });
});

describe("a call's signal is its own", () => {
  it('aborts the call that timed out and not its neighbour', async () => {
    const pool = poolWith({ maxConcurrent: 2, timeoutMs: 100 });
    const signals: AbortSignal[] = [];
    const hang = () => new Promise<never>(() => {});
    const task = (call: { signal: AbortSignal }) => (signals.push(call.signal), hang());
    const first = expect(pool.execute(task)).rejects.toMatchObject({ code: 'CALL_TIMEOUT' });
    await clock.advance(60);
    void pool.execute(task).catch(() => undefined);
    await clock.advance(40);
    await first;
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    expect(isGatewayError(signals[0]!.reason, 'CALL_TIMEOUT')).toBe(true);
  });

  it('removes a queued call from the queue at once when it is aborted', async () => {
    const pool = poolWith({ maxConcurrent: 1, maxQueue: 1 });
    const work = deferred();
    const running = pool.execute(() => work.promise);
    const controller = new AbortController();
    const target = vi.fn(() => 'never');
    const queued = pool.execute(target, { signal: controller.signal });
    expect(pool.snapshot().queued).toBe(1);
    controller.abort('gone');
    expect(pool.snapshot().queued).toBe(0);
    await expect(queued).rejects.toMatchObject({ code: 'CALL_CANCELLED', cause: 'gone' });
    work.resolve('done');
    await running;
    expect(target).not.toHaveBeenCalled();
  });
});

describe('a half-open circuit', () => {
  const breaker = { minimumCalls: 2, openForMs: 1_000, halfOpenCalls: 2 };

  it('is not closed by a success that began before the trip', async () => {
    const pool = poolWith({ maxConcurrent: 5, breaker: { ...breaker, halfOpenCalls: 1 } });
    const early = deferred();
    const before = pool.execute(() => early.promise);
    await failing(pool, 2);
    await clock.advance(1_000);
    expect(stateOf(pool)).toBe('half-open');
    early.resolve('old news');
    await before;
    expect(stateOf(pool)).toBe('half-open');
    await pool.execute(() => 'fresh');
    expect(stateOf(pool)).toBe('closed');
  });

  it('lets exactly halfOpenCalls through, and closes when all of them succeeded', async () => {
    const pool = poolWith({ maxConcurrent: 5, breaker });
    await failing(pool, 2);
    await clock.advance(1_000);
    const probes = [deferred(), deferred()];
    const calls = probes.map(({ promise }) => pool.execute(() => promise));
    await expect(pool.execute(() => 'third')).rejects.toMatchObject({ code: 'CIRCUIT_OPEN' });
    probes[0]!.resolve('fine');
    await calls[0];
    expect(stateOf(pool)).toBe('half-open');
    probes[1]!.resolve('fine');
    await calls[1];
    expect(stateOf(pool)).toBe('closed');
  });

  it('opens again on one failure, and gives a cancelled probe its permit back', async () => {
    const pool = poolWith({ maxConcurrent: 5, breaker: { ...breaker, halfOpenCalls: 1 } });
    await failing(pool, 2);
    await clock.advance(1_000);
    const controller = new AbortController();
    const work = deferred();
    const probe = pool.execute(() => work.promise, { signal: controller.signal });
    controller.abort();
    await expect(probe).rejects.toMatchObject({ code: 'CALL_CANCELLED' });
    work.resolve('late');
    await clock.advance(0);
    await failing(pool, 1);
    expect(stateOf(pool)).toBe('open');
  });
});

describe('the window slides by timestamp', () => {
  it('forgets failures that are old, whatever the traffic in between', async () => {
    const pool = poolWith({ breaker: { minimumCalls: 4, failureRatio: 0.5, windowMs: 1_000 } });
    await failing(pool, 3);
    await clock.advance(1_000);
    await failing(pool, 3);
    expect(stateOf(pool)).toBe('closed');
    await failing(pool, 1);
    expect(stateOf(pool)).toBe('open');
  });
});

describe('a handler', () => {
  it('may be sync, may return undefined, may throw sync', async () => {
    const pool = poolWith({});
    await expect(pool.execute(() => 1)).resolves.toBe(1);
    await expect(pool.execute(() => undefined)).resolves.toBeUndefined();
    const thrown = new Error('sync');
    await expect(
      pool.execute(() => {
        throw thrown;
      }),
    ).rejects.toBe(thrown);
    expect(pool.snapshot()).toMatchObject({ running: 0, queued: 0 });
  });

  it('may be sync a hundred thousand times in a queue, without growing the stack', async () => {
    const pool = poolWith({ maxConcurrent: 1, maxQueue: 100_000, timeoutMs: false });
    const first = deferred();
    const running = pool.execute(() => first.promise);
    const queued = Array.from({ length: 100_000 }, (_, index) => pool.execute(() => index));
    first.resolve(undefined);
    await running;
    expect((await Promise.all(queued)).at(-1)).toBe(99_999);
  });
});

describe('counting', () => {
  it('takes the same memory after a hundred thousand samples', async () => {
    const pool = poolWith({ breaker: { failureRatio: 1, minimumCalls: 1_000_000 } });
    const circuit = pool.circuit('billing');
    const size = () => {
      const { latency, breaker } = circuit;
      const arrays = [latency, breaker['window']].flatMap((holder) => Object.values(holder as object));
      return arrays.reduce<number>((sum, value) => sum + (ArrayBuffer.isView(value) ? value.byteLength : 0), 0);
    };
    const before = size();
    for (let i = 0; i < 100_000; i++) {
      circuit.breaker.failed(circuit.breaker.permit(), 1);
      circuit.latency.record(i % 1_000, clock.now());
    }
    expect(before).toBeGreaterThan(0);
    expect(size()).toBe(before);
    expect(circuit.snapshot().counts.p99Ms).toBeGreaterThan(900);
  });
});

describe('a refusal', () => {
  it('carries no stack and is never shared', async () => {
    const pool = poolWith({ maxConcurrent: 1, maxQueue: 0 });
    pool.update({ circuit: 'forced-open' });
    const errors = await Promise.all([1, 2].map(() => pool.execute(() => 1).catch((error: Error) => error)));
    expect(errors[0]).not.toBe(errors[1]);
    for (const error of errors as Error[]) {
      expect(error).toBeInstanceOf(Error);
      expect(error.stack).not.toContain('\n');
    }
  });

  it('by the bulkhead or by the circuit does not feed the breaker', async () => {
    const pool = poolWith({ maxConcurrent: 1, maxQueue: 0, breaker: { minimumCalls: 1, failureRatio: 0.1 } });
    const work = deferred();
    const running = pool.execute(() => work.promise);
    for (let i = 0; i < 5; i++) {
      await expect(pool.execute(() => 1)).rejects.toMatchObject({ code: 'BULKHEAD_FULL' });
    }
    work.resolve('done');
    await running;
    expect(pool.snapshot().circuits[0]).toMatchObject({ state: 'closed', counts: { refused: 5, failed: 0 } });
  });
});
