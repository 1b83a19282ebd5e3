import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { SystemClock } from './system-clock.js';

const DAY_MS = 24 * 3_600_000;

function useFakeTimers(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
}

describe('SystemClock', () => {
  it('goes off once, when it is time', () => {
    useFakeTimers();
    const clock = new SystemClock();
    const run = vi.fn();
    clock.at(clock.now() + 50, run);
    vi.advanceTimersByTime(49);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    vi.advanceTimersByTime(1_000);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('waits longer than a timer of Node can', () => {
    useFakeTimers();
    const clock = new SystemClock();
    const run = vi.fn();
    clock.at(clock.now() + 100 * DAY_MS, run);
    vi.advanceTimersByTime(100 * DAY_MS - 1);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('is not early where the timer of Node is', () => {
    useFakeTimers();
    const now = vi.spyOn(performance, 'now').mockReturnValue(0);
    const run = vi.fn();
    new SystemClock().at(10, run);
    now.mockReturnValue(9.5);
    vi.advanceTimersByTime(10);
    expect(run).not.toHaveBeenCalled();
    now.mockReturnValue(10.5);
    vi.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('does not go off when it is called off, also in the course of a long wait', () => {
    useFakeTimers();
    const clock = new SystemClock();
    const run = vi.fn();
    const callOff = clock.at(clock.now() + 60 * DAY_MS, run);
    vi.advanceTimersByTime(30 * DAY_MS);
    callOff();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('takes what is past for now', () => {
    useFakeTimers();
    const run = vi.fn();
    new SystemClock().at(-5, run);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(0);
    expect(run).toHaveBeenCalledTimes(1);
  });
});
