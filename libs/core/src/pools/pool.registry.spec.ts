import { ManualClock } from 'sallyport/testing';
import { describe, expect, it } from 'vitest';
import { ConfigurationError, ShuttingDownError } from '../errors.js';
import { Telemetry } from '../telemetry.js';
import type { PoolOptions } from './pool.options.js';
import { Pools } from './pool.registry.js';

function setUp(defaults?: PoolOptions) {
  const clock = new ManualClock();
  const telemetry = new Telemetry();
  return { clock, telemetry, pools: new Pools(defaults, telemetry, clock) };
}

function gate() {
  let open!: (value?: unknown) => void;
  const promise = new Promise((resolve) => (open = resolve));
  return { promise, open };
}

describe('PoolRegistry', () => {
  it('gives the pool named default more room than others, under poolDefaults and the options of the pool', () => {
    const { pools } = setUp({ maxQueue: 7 });
    expect(pools.ensure('default').snapshot()).toMatchObject({ maxConcurrent: 256, maxQueue: 7 });
    expect(pools.ensure('other').snapshot()).toMatchObject({ maxConcurrent: 10, maxQueue: 7 });
    expect(pools.register('mine', { maxQueue: 3 }).snapshot()).toMatchObject({ maxConcurrent: 10, maxQueue: 3 });
    expect(setUp().pools.ensure('other').snapshot()).toMatchObject({ maxQueue: 100 });
  });

  it('says what is wrong with a group that exists, an unknown one, a bad patch and a key it does not have', () => {
    const { pools } = setUp();
    pools.register('billing');
    expect(() => pools.register('billing')).toThrow('pools.billing: exists already');
    expect(() => pools.register(' ')).toThrow('a group must be a string');
    expect(() => pools.update('biling', {})).toThrow('pools.biling: is no pool of this app (there are: billing)');
    expect(() => pools.update('billing', { maxConcurrent: 0 })).toThrow(ConfigurationError);
    expect(() => pools.update('billing', { circuit: 'forced-open', key: 'nope' })).toThrow('has no circuit "nope"');
  });

  it('starts what waits when it grows, and lets running work finish when it shrinks', async () => {
    const { pools, telemetry } = setUp();
    const resized: number[] = [];
    telemetry.on('poolResized', ({ maxConcurrent }) => resized.push(maxConcurrent));
    const pool = pools.register('billing', { maxConcurrent: 1 });
    const work = gate();
    const calls = [1, 2, 3].map(() => pool.execute(() => work.promise));
    pools.update('billing', { maxConcurrent: 3 });
    expect(pool.snapshot()).toMatchObject({ running: 3, queued: 0 });
    pools.update('billing', { maxConcurrent: 1 });
    const late = pool.execute(() => 'late');
    expect(pool.snapshot()).toMatchObject({ running: 3, queued: 1 });
    work.open();
    await Promise.all(calls);
    await expect(late).resolves.toBe('late');
    expect(resized).toEqual([3, 1]);
  });

  it('applies a new timeout to calls from then on', async () => {
    const { pools, clock } = setUp();
    const pool = pools.register('billing', { timeoutMs: 1_000 });
    pools.update('billing', { timeoutMs: 10 });
    const call = expect(pool.execute(() => new Promise(() => {}))).rejects.toMatchObject({ timeoutMs: 10 });
    await clock.advance(10);
    await call;
  });

  it('forces one circuit or all of them, those made later included', async () => {
    const { pools } = setUp();
    const pool = pools.register('billing');
    await pool.execute(() => 1, { key: 'a' });
    await pool.execute(() => 1, { key: 'b' });
    pools.update('billing', { circuit: 'forced-open', key: 'a' });
    await expect(pool.execute(() => 1, { key: 'a' })).rejects.toMatchObject({ code: 'CIRCUIT_OPEN' });
    await pool.execute(() => 1, { key: 'b' });
    pools.update('billing', { circuit: 'forced-open' });
    await expect(pool.execute(() => 1, { key: 'c' })).rejects.toMatchObject({ code: 'CIRCUIT_OPEN' });
    pools.update('billing', { circuit: 'auto' });
    await pool.execute(() => 1, { key: 'c' });
  });

  it('keeps at most a thousand circuits, and one for all keys beyond', async () => {
    const { pools } = setUp();
    const pool = pools.register('billing');
    for (let i = 0; i < 1_500; i++) await pool.execute(() => i, { key: `user-${i}` });
    expect(pool.snapshot().circuits).toHaveLength(1_001);
    expect(pool.snapshot().circuits.at(-1)).toMatchObject({ key: '(other)', counts: { succeeded: 500 } });
  });

  it('is idle when what waited was refused by a circuit that opened meanwhile', async () => {
    const { pools } = setUp({ breaker: { minimumCalls: 1 } });
    const pool = pools.register('billing', { maxConcurrent: 1 });
    const work = gate();
    const calls = [1, 2, 3].map(() => pool.execute(() => work.promise.then(() => Promise.reject(new Error('down')))));
    const outcomes = Promise.allSettled(calls);
    const idle = pools.whenIdle();
    work.open();
    await idle;
    expect((await outcomes).map((outcome) => (outcome as PromiseRejectedResult).reason.code)).toEqual([
      undefined,
      'CIRCUIT_OPEN',
      'CIRCUIT_OPEN',
    ]);
  });

  it('hands back what waits and aborts what runs when it closes, and refuses from then on', async () => {
    const { pools } = setUp();
    const pool = pools.register('billing', { maxConcurrent: 1 });
    let signal: AbortSignal | undefined;
    const running = pool.execute((call) => ((signal = call.signal), new Promise(() => {})));
    const waiting = pool.execute(() => 1);
    const outcomes = Promise.allSettled([running, waiting]);
    expect(pools.close(new ShuttingDownError('over'))).toBe(2);
    expect(signal!.aborted).toBe(true);
    expect((await outcomes).map((outcome) => (outcome as PromiseRejectedResult).reason.code)).toEqual([
      'CALL_CANCELLED',
      'SHUTTING_DOWN',
    ]);
    await expect(pool.execute(() => 1)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await expect(pools.ensure('new').execute(() => 1)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });
});
