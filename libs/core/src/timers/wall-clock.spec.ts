import { ManualClock } from 'sallyport/testing';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { WallClock } from './wall-clock.js';

const NOON = Date.parse('2026-03-01T12:00:00Z');
const HOUR_MS = 3_600_000;

let base: ManualClock;

beforeEach(() => {
  base = new ManualClock();
});

function setDate(time: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: time });
  onTestFinished(() => void vi.useRealTimers());
}

/** What has happened when the computer's date is `time` and `ms` have passed. */
async function pass(ms: number, time: number): Promise<void> {
  vi.setSystemTime(time);
  await base.advance(ms);
}

describe('WallClock', () => {
  it('starts with the date of the computer and goes on with the clock that it follows', async () => {
    setDate(NOON);
    const clock = WallClock.following(base);
    const run = vi.fn();
    clock.at(NOON + HOUR_MS, run);
    await base.advance(HOUR_MS - 1);
    expect(run).not.toHaveBeenCalled();
    await base.advance(1);
    expect(run).toHaveBeenCalledTimes(1);
    expect(clock.now()).toBe(NOON + HOUR_MS);
  });

  it('waits on where the computer is set back meanwhile', async () => {
    setDate(NOON);
    const run = vi.fn();
    WallClock.ofSystem(base).at(NOON + 30_000, run);
    await pass(30_000, NOON - 10_000);
    expect(run).not.toHaveBeenCalled();
    await pass(40_000, NOON + 30_000);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('notices within a minute that the computer slept, or was set', async () => {
    setDate(NOON);
    const run = vi.fn();
    WallClock.ofSystem(base).at(NOON + 5 * HOUR_MS, run);
    await pass(60_000, NOON + 60_000);
    await pass(59_999, NOON + 6 * HOUR_MS);
    expect(run).not.toHaveBeenCalled();
    await pass(1, NOON + 6 * HOUR_MS);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('does not go off when it is called off, also in the course of a wait', async () => {
    setDate(NOON);
    const run = vi.fn();
    const callOff = WallClock.ofSystem(base).at(NOON + HOUR_MS, run);
    await pass(10 * 60_000, NOON + 10 * 60_000);
    callOff();
    await pass(HOUR_MS, NOON + 2 * HOUR_MS);
    expect(run).not.toHaveBeenCalled();
  });

  it('takes what is past for now', async () => {
    setDate(NOON);
    const run = vi.fn();
    WallClock.ofSystem(base).at(NOON - HOUR_MS, run);
    expect(run).not.toHaveBeenCalled();
    await base.advance(0);
    expect(run).toHaveBeenCalledTimes(1);
  });
});
