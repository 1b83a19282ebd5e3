import { ManualClock } from 'sallyport/testing';
import { describe, expect, it, vi } from 'vitest';
import { Breaker, NO_PERMIT } from './breaker.js';
import type { ResolvedBreakerOptions } from './pool.options.js';
import { ClockTimekeeper } from './timekeeper.js';

const options: ResolvedBreakerOptions = {
  failureRatio: 0.5,
  minimumCalls: 4,
  windowMs: 1_000,
  openForMs: 500,
  halfOpenCalls: 1,
  slowCallMs: Infinity,
  slowCallRatio: 1,
};

function breakerWith(patch: Partial<ResolvedBreakerOptions> | false = {}) {
  const clock = new ManualClock();
  const told: string[] = [];
  const resolved = patch === false ? false : { ...options, ...patch };
  const breaker = new Breaker(resolved, new ClockTimekeeper(clock), (state) => told.push(state));
  const succeed = (times = 1, ms = 1) => repeat(times, () => breaker.succeeded(breaker.permit(), ms));
  const fail = (times = 1, ms = 1) => repeat(times, () => breaker.failed(breaker.permit(), ms));
  return { breaker, clock, told, succeed, fail };
}

function repeat(times: number, act: () => void): void {
  for (let i = 0; i < times; i++) act();
}

describe('Breaker', () => {
  it('opens at the failure ratio, and not on fewer calls than minimumCalls', () => {
    const { breaker, succeed, fail } = breakerWith();
    fail(3);
    expect(breaker.current()).toBe('closed');
    const other = breakerWith();
    other.succeed(3);
    other.fail(2);
    expect(other.breaker.current()).toBe('closed');
    other.fail();
    expect(other.breaker.current()).toBe('open');
    succeed();
    fail();
    expect(breaker.current()).toBe('open');
  });

  it('goes half-open after openForMs, tells so once, and says how long that takes', async () => {
    const { breaker, clock, told, fail, succeed } = breakerWith();
    fail(4);
    expect(breaker.retryAfterMs()).toBe(500);
    await clock.advance(499);
    expect(breaker.permit()).toBe(NO_PERMIT);
    expect(breaker.retryAfterMs()).toBe(1);
    await clock.advance(1);
    expect(breaker.current()).toBe('half-open');
    expect(breaker.retryAfterMs()).toBe(0);
    succeed();
    expect(breaker.current()).toBe('closed');
    expect(told).toEqual(['open', 'half-open', 'closed']);
  });

  it('starts with an empty window after it closed', async () => {
    const { breaker, clock, fail, succeed } = breakerWith();
    fail(4);
    await clock.advance(500);
    succeed();
    fail(3);
    expect(breaker.current()).toBe('closed');
  });

  it('opens again from half-open, for openForMs once more, as often as it takes', async () => {
    const { breaker, clock, told, fail, succeed } = breakerWith();
    fail(4);
    for (let round = 0; round < 3; round++) {
      await clock.advance(500);
      fail();
      expect(breaker.current()).toBe('open');
    }
    await clock.advance(500);
    succeed();
    expect(told).toEqual([
      'open',
      'half-open',
      'open',
      'half-open',
      'open',
      'half-open',
      'open',
      'half-open',
      'closed',
    ]);
  });

  it('opens on slow calls alone, and takes a slow probe for a failed one', async () => {
    const { breaker, clock, succeed } = breakerWith({ slowCallMs: 100, slowCallRatio: 0.5 });
    succeed(2, 99);
    succeed(1, 100);
    expect(breaker.current()).toBe('closed');
    succeed(1, 100);
    expect(breaker.current()).toBe('open');
    await clock.advance(500);
    succeed(1, 100);
    expect(breaker.current()).toBe('open');
  });

  it('can be forced open and closed, and goes back to what it was', () => {
    const { breaker, fail } = breakerWith();
    breaker.force('forced-open');
    expect([breaker.current(), breaker.admits(), breaker.permit()]).toEqual(['forced-open', false, NO_PERMIT]);
    breaker.force('forced-closed');
    fail(100);
    expect([breaker.current(), breaker.admits()]).toEqual(['forced-closed', true]);
    breaker.force(undefined);
    expect(breaker.current()).toBe('closed');
    fail(4);
    breaker.force('forced-closed');
    expect(breaker.admits()).toBe(true);
    breaker.force(undefined);
    expect(breaker.current()).toBe('open');
  });

  it('never opens by itself without options, but can be forced', () => {
    const { breaker, fail } = breakerWith(false);
    fail(1_000);
    expect(breaker.current()).toBe('closed');
    breaker.force('forced-open');
    expect(breaker.admits()).toBe(false);
  });

  it('leaves no timer behind once it is stopped', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'] });
    try {
      const { breaker, clock, fail } = breakerWith();
      fail(4);
      await clock.advance(500);
      breaker.current();
      fail();
      expect(vi.getTimerCount()).toBe(1);
      breaker.stop();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});
