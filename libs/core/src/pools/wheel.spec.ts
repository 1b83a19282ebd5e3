import { AsyncLocalStorage } from 'node:async_hooks';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Wheel } from './wheel.js';

describe('Wheel', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  function entry(timeoutMs: number, run: () => void) {
    return { timeoutMs, expiresAt: undefined, earlier: null, later: null, expire: run };
  }

  it('is never early and at most 10 ms late, for any timeout set at any time', () => {
    const plan = fc.array(fc.tuple(fc.integer({ min: 1, max: 9_000 }), fc.nat(500)), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(plan, (timeouts) => {
        const wheel = new Wheel();
        const lateness: number[] = [];
        for (const [timeoutMs, pause] of timeouts) {
          const due = performance.now() + timeoutMs;
          wheel.add(entry(timeoutMs, () => lateness.push(performance.now() - due)));
          vi.advanceTimersByTime(pause);
        }
        vi.advanceTimersByTime(10_000);
        expect(lateness).toHaveLength(timeouts.length);
        expect(Math.min(...lateness)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...lateness)).toBeLessThanOrEqual(10);
      }),
      { numRuns: 50 },
    );
  });

  it('runs no timer while it holds nothing', () => {
    const wheel = new Wheel();
    const held = entry(1_000, () => undefined);
    wheel.add(held);
    expect(vi.getTimerCount()).toBe(1);
    wheel.remove(held);
    vi.advanceTimersByTime(10);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not run what was removed, before or after it was placed, and removing twice does nothing', () => {
    const wheel = new Wheel();
    const run = vi.fn();
    const [first, second] = [entry(20, run), entry(20, run)];
    wheel.add(first);
    wheel.remove(first);
    wheel.add(second);
    vi.advanceTimersByTime(10);
    wheel.remove(second);
    wheel.remove(second);
    vi.advanceTimersByTime(100);
    expect(run).not.toHaveBeenCalled();
  });

  it('keeps the rest going when one throws', () => {
    const wheel = new Wheel();
    const run = vi.fn();
    wheel.add(
      entry(5, () => {
        throw new Error('listener');
      }),
    );
    wheel.add(entry(6, run));
    expect(() => vi.advanceTimersByTime(20)).toThrow('listener');
    vi.advanceTimersByTime(20);
    expect(run).toHaveBeenCalledOnce();
  });

  it('does not take a blocked event loop for elapsed time of a call that was just made', () => {
    const wheel = new Wheel();
    const run = vi.fn();
    wheel.add(entry(1_000, () => undefined));
    vi.advanceTimersByTime(4);
    wheel.add(entry(50, run));
    vi.setSystemTime(Date.now() + 200);
    vi.advanceTimersByTime(40);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(20);
    expect(run).toHaveBeenCalledOnce();
  });

  it('runs at() at a point in time that has passed already', () => {
    const run = vi.fn();
    vi.advanceTimersByTime(5_000);
    new Wheel().at(100, run);
    vi.advanceTimersByTime(10);
    expect(run).toHaveBeenCalledOnce();
  });

  it('times every call at low rates and one in sixteen at high ones', () => {
    const wheel = new Wheel();
    const timed = Array.from({ length: 1_600 }, () => wheel.sample()).filter((now) => now !== undefined);
    expect(timed.length).toBeGreaterThanOrEqual(100);
    expect(timed.length).toBeLessThanOrEqual(120);
    wheel.add(entry(1_000, () => undefined));
    vi.advanceTimersByTime(4);
    expect(Array.from({ length: 16 }, () => wheel.sample())).not.toContain(undefined);
  });
});

describe('Wheel on a real timer', () => {
  it('shows what it runs the AsyncLocalStorage of nobody else', async () => {
    const storage = new AsyncLocalStorage<string>();
    const wheel = new Wheel();
    const seen = await storage.run('first caller', () => {
      return new Promise((resolve) => wheel.at(performance.now() + 1, () => resolve(storage.getStore())));
    });
    expect(seen).toBeUndefined();
  });
});
