import { Logger } from '@nestjs/common';
import { ManualClock } from 'sallyport/testing';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Outcome } from '../call.js';
import { BulkheadFullError } from '../errors.js';
import { cron, every } from './timer.entrypoint.js';
import { Timers } from './timers.js';

const NOON = Date.parse('2026-03-01T12:00:00Z');
const HOUR_MS = 3_600_000;
const DONE: Outcome = { ok: true, value: undefined };

let clock: ManualClock;
let timers: Timers;
let log: string[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOON });
  onTestFinished(() => void vi.useRealTimers());
  clock = new ManualClock();
  timers = new Timers(clock);
  log = [];
});

const note = async (scheduledAt: string): Promise<Outcome> => {
  log.push(scheduledAt);
  return DONE;
};

function spyOnLog(level: 'error' | 'warn') {
  const spy = vi.spyOn(Logger.prototype, level).mockReturnValue();
  onTestFinished(() => spy.mockRestore());
  return spy;
}

describe('Timers', () => {
  it('do nothing until they are started', async () => {
    timers.add(every(1_000, { eager: true }), 'Jobs.clean', note);
    await clock.advance(5_000);
    expect(log).toEqual([]);
    timers.start();
    await clock.advance(1_000);
    expect(log).toEqual(['2026-03-01T12:00:05.000Z', '2026-03-01T12:00:06.000Z']);
  });

  it('run every so often, first after one interval', async () => {
    timers.add(every(HOUR_MS), 'Jobs.clean', note);
    timers.start();
    await clock.advance(2.5 * HOUR_MS);
    expect(log).toEqual(['2026-03-01T13:00:00.000Z', '2026-03-01T14:00:00.000Z']);
  });

  it('run by the time of day, which follows the clock of the app', async () => {
    timers.add(cron('30 3 * * *', { timeZone: 'Europe/Berlin' }), 'Jobs.report', note);
    timers.start();
    await clock.advance(48 * HOUR_MS);
    expect(log).toEqual(['2026-03-02T02:30:00.000Z', '2026-03-03T02:30:00.000Z']);
  });

  it('wait for longer than a timer of Node can', async () => {
    timers.add(cron('0 0 1 5 *', { timeZone: 'UTC' }), 'Jobs.report', note);
    timers.add(every(40 * 24 * HOUR_MS), 'Jobs.clean', note);
    timers.start();
    await clock.advance(61 * 24 * HOUR_MS);
    expect(log).toEqual(['2026-04-10T12:00:00.000Z', '2026-05-01T00:00:00.000Z']);
  });

  it('come late by a jitter, and say when they were due all the same', async () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.5);
    onTestFinished(() => random.mockRestore());
    timers.add(every(1_000, { jitterMs: 400 }), 'Jobs.clean', note);
    timers.start();
    await clock.advance(1_199);
    expect(log).toEqual([]);
    await clock.advance(1);
    expect(log).toEqual(['2026-03-01T12:00:01.000Z']);
  });

  it('log what failed, and go on', async () => {
    const errors = spyOnLog('error');
    const error = new TypeError('no');
    timers.add(every(1_000), 'Jobs.clean', async () => ({ ok: false, error }));
    timers.add(every(1_000), 'Jobs.report', () => Promise.reject(error));
    timers.start();
    await clock.advance(1_000);
    expect(errors.mock.calls).toEqual([
      ['Jobs.clean, due 2026-03-01T12:00:01.000Z, failed', error.stack],
      ['Jobs.report, due 2026-03-01T12:00:01.000Z, failed', error.stack],
    ]);
    await clock.advance(1_000);
    expect(errors).toHaveBeenCalledTimes(4);
  });

  it('log what did not run because it was refused', async () => {
    const warnings = spyOnLog('warn');
    timers.add(every(1_000), 'Jobs.clean', async () => ({ ok: false, error: new BulkheadFullError('jobs are full') }));
    timers.start();
    await clock.advance(1_000);
    expect(warnings.mock.calls).toEqual([['Jobs.clean, due 2026-03-01T12:00:01.000Z, did not run: jobs are full']]);
  });

  it('say what runs, and how many ticks came meanwhile', async () => {
    timers.add(every(1_000), 'Jobs.clean', () => new Promise(() => {}));
    timers.add(every(1_000), 'Jobs.report', note);
    timers.start();
    await clock.advance(3_000);
    expect(timers.snapshot()).toEqual([
      { handler: 'Jobs.clean', running: true, skipped: 2 },
      { handler: 'Jobs.report', running: false, skipped: 0 },
    ]);
  });

  it('stop at once, and are stopped when every run has ended', async () => {
    const ends: ((outcome: Outcome) => void)[] = [];
    const hang = (): Promise<Outcome> => new Promise((resolve) => ends.push(resolve));
    timers.add(every(1_000), 'Jobs.clean', hang);
    timers.add(every(1_000), 'Jobs.report', hang);
    timers.start();
    await clock.advance(1_000);
    let stopped = false;
    const stopping = timers.stop().then(() => (stopped = true));
    ends[0]!(DONE);
    await clock.advance(10_000);
    expect([stopped, ends.length]).toEqual([false, 2]);
    ends[1]!(DONE);
    await stopping;
  });

  it('are on the clock of the computer where the app was given none', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'], now: NOON });
    const own = new Timers();
    own.add(every(90_000), 'Jobs.clean', note);
    own.add(cron('*/2 * * * *', { timeZone: 'UTC' }), 'Jobs.report', note);
    own.start();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(log).toEqual(['2026-03-01T12:01:30.000Z', '2026-03-01T12:02:00.000Z']);
    await own.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
