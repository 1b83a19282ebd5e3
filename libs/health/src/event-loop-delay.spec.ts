import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventLoopDelay } from './event-loop-delay.js';

const STALL_MS = 100;
const SAMPLE_MS = 20;
const WINDOW_MS = 10_000;

describe('the delay of the event loop', () => {
  let delay: EventLoopDelay;

  // The histograms are native and run on real time; only the timer that turns them is ours to move.
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    delay = new EventLoopDelay();
    delay.start();
  });

  afterEach(() => {
    delay.stop();
    vi.useRealTimers();
  });

  it('is as long as the stall', async () => {
    await stallUntil(() => delay.p99Ms > STALL_MS / 2);
    expect(delay.maxMs).toBeGreaterThanOrEqual(delay.p99Ms);
  });

  it('is 0 before the first sample', () => {
    const other = new EventLoopDelay();
    other.start();
    expect([other.p99Ms, other.maxMs]).toEqual([0, 0]);
    other.stop();
  });

  it('does not count the time between two samples', async () => {
    let calmest = Infinity;
    while (calmest >= SAMPLE_MS) {
      const other = new EventLoopDelay();
      other.start();
      await comesRoundFor(5 * SAMPLE_MS);
      calmest = other.maxMs;
      other.stop();
    }
    expect(calmest).toBeLessThan(SAMPLE_MS);
  });

  it('is remembered for 10 s and forgotten after 20', async () => {
    await stallUntil(() => delay.maxMs > STALL_MS / 2);
    vi.advanceTimersByTime(WINDOW_MS);
    expect(delay.maxMs).toBeGreaterThan(STALL_MS / 2);
    vi.advanceTimersByTime(WINDOW_MS);
    expect([delay.p99Ms, delay.maxMs]).toEqual([0, 0]);
  });

  it('is remembered from before the turn that came right after it', async () => {
    vi.advanceTimersByTime(WINDOW_MS - 1);
    await stallUntil(() => delay.maxMs > STALL_MS / 2);
    vi.advanceTimersByTime(1 + WINDOW_MS - 1);
    expect(delay.maxMs).toBeGreaterThan(STALL_MS / 2);
  });

  it('is not measured any more once it is stopped', async () => {
    const other = new EventLoopDelay();
    other.start();
    other.stop();
    await stallUntil(() => delay.maxMs > 0);
    expect(other.maxMs).toBe(0);
    delay.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});

/** Blocks the event loop, and lets it come round in between, until the histograms have seen it. */
async function stallUntil(seen: () => boolean): Promise<void> {
  while (!seen()) {
    const end = performance.now() + STALL_MS;
    while (performance.now() < end);
    await comesRoundFor(0);
  }
}

async function comesRoundFor(ms: number): Promise<void> {
  const end = performance.now() + ms;
  do await new Promise((resolve) => setImmediate(resolve));
  while (performance.now() < end);
}
