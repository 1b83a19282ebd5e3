import { ManualClock } from 'sallyport/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CronExpression } from './cron-expression.js';
import { CronSchedule, IntervalSchedule } from './schedule.js';
import { WallClock } from './wall-clock.js';

const NOON = Date.parse('2026-03-01T12:00:00Z');

function clocks(): { clock: ManualClock; wall: WallClock } {
  vi.useFakeTimers({ toFake: ['Date'], now: NOON });
  onTestFinished(() => void vi.useRealTimers());
  const clock = new ManualClock();
  return { clock, wall: WallClock.following(clock) };
}

describe('IntervalSchedule', () => {
  it('begins after one interval, or at once where it is eager', async () => {
    const { clock, wall } = clocks();
    await clock.advance(1_000);
    expect(new IntervalSchedule(clock, wall, 250, false).first()).toBe(1_250);
    expect(new IntervalSchedule(clock, wall, 250, true).first()).toBe(1_000);
  });

  it('gives each tick once, wherever it began', async () => {
    const { clock, wall } = clocks();
    await clock.advance(12_345.678);
    const schedule = new IntervalSchedule(clock, wall, 100, false);
    const ticks = [schedule.first()];
    while (ticks.length < 10_000) ticks.push(schedule.after(ticks.at(-1)!));
    expect(ticks.at(-1)! - ticks[0]!).toBe(9_999 * 100);
  });

  it('finds the next tick after any time', async () => {
    const { clock, wall } = clocks();
    const schedule = new IntervalSchedule(clock, wall, 100, true);
    schedule.first();
    expect([0, 1, 99.9, 100, 1_234].map((time) => schedule.after(time))).toEqual([100, 100, 100, 200, 1_300]);
  });

  it('knows the date of a tick, also of one that is over', async () => {
    const { clock, wall } = clocks();
    const schedule = new IntervalSchedule(clock, wall, 1_000, false);
    const tick = schedule.first();
    expect(schedule.dateOf(tick).toISOString()).toBe('2026-03-01T12:00:01.000Z');
    await clock.advance(5_000);
    expect(schedule.dateOf(tick).toISOString()).toBe('2026-03-01T12:00:01.000Z');
  });
});

describe('CronSchedule', () => {
  it('has its ticks on the scale of the time of day', () => {
    const { wall } = clocks();
    const schedule = new CronSchedule(wall, new CronExpression('*/15 * * * *', 'UTC'));
    const first = schedule.first()!;
    expect(first).toBe(NOON + 15 * 60_000);
    expect(schedule.after(first)).toBe(NOON + 30 * 60_000);
    expect(schedule.dateOf(first).toISOString()).toBe('2026-03-01T12:15:00.000Z');
  });
});
