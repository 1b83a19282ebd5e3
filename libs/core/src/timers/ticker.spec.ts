import { ManualClock } from 'sallyport/testing';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Clock } from '../clock.js';
import type { Schedule } from './schedule.js';
import { Ticker } from './ticker.js';

/** Ticks at 100, 200, 300 and so on, up to the last one. */
class EveryHundred implements Schedule {
  constructor(
    readonly clock: Clock,
    private readonly last = Infinity,
  ) {}

  first(): number | undefined {
    return this.after(0);
  }

  after(time: number): number | undefined {
    const next = (Math.floor(time / 100) + 1) * 100;
    return next <= this.last ? next : undefined;
  }

  dateOf(tick: number): Date {
    return new Date(tick);
  }
}

/** A process that sleeps hears of nothing meanwhile. */
class SleepyClock implements Clock {
  private time = 0;
  private readonly alarms = new Map<() => void, number>();

  now(): number {
    return this.time;
  }

  at(deadline: number, run: () => void): () => void {
    this.alarms.set(run, deadline);
    return () => void this.alarms.delete(run);
  }

  async sleep(ms: number): Promise<void> {
    this.time += ms;
    const due = [...this.alarms].filter(([, deadline]) => deadline <= this.time);
    for (const [run] of due) {
      this.alarms.delete(run);
      run();
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

let clock: ManualClock;
let log: string[];
let open: (() => void)[];

beforeEach(() => {
  clock = new ManualClock();
  log = [];
  open = [];
});

const note = async (scheduledAt: string): Promise<void> => {
  log.push(`${Date.parse(scheduledAt)} at ${clock.now()}`);
};

/** Runs until the test says that it is done. */
const hang = async (scheduledAt: string): Promise<void> => {
  await note(scheduledAt);
  await new Promise<void>((resolve) => open.push(resolve));
};

function ticking(run: (scheduledAt: string) => Promise<void>, schedule: Schedule, jitterMs = 0): Ticker {
  const ticker = new Ticker(schedule, jitterMs, run);
  ticker.start();
  return ticker;
}

describe('Ticker', () => {
  it('runs at each tick, with the scheduled time in UTC', async () => {
    const run = vi.fn(async () => {});
    ticking(run, new EveryHundred(clock));
    await clock.advance(250);
    expect(run.mock.calls).toEqual([['1970-01-01T00:00:00.100Z'], ['1970-01-01T00:00:00.200Z']]);
  });

  it('does not drift, however long its runs take', async () => {
    const slow = async (scheduledAt: string): Promise<void> => {
      await note(scheduledAt);
      await new Promise<void>((resolve) => clock.at(clock.now() + 60, resolve));
    };
    ticking(slow, new EveryHundred(clock));
    await clock.advance(350);
    expect(log).toEqual(['100 at 100', '200 at 200', '300 at 300']);
  });

  it('skips the ticks that come while it runs, and counts them', async () => {
    const ticker = ticking(hang, new EveryHundred(clock));
    await clock.advance(350);
    expect([log, ticker.running, ticker.skipped]).toEqual([['100 at 100'], true, 2]);
    open.pop()!();
    await clock.advance(50);
    expect([log, ticker.running, ticker.skipped]).toEqual([['100 at 100', '400 at 400'], true, 2]);
  });

  it('makes one run of the ticks that it slept through, and is in time again', async () => {
    const sleepy = new SleepyClock();
    const run = vi.fn(async (scheduledAt: string) => void log.push(`${Date.parse(scheduledAt)} at ${sleepy.now()}`));
    const ticker = ticking(run, new EveryHundred(sleepy));
    await sleepy.sleep(100);
    await sleepy.sleep(3_650);
    await sleepy.sleep(49);
    await sleepy.sleep(1);
    expect(log).toEqual(['100 at 100', '200 at 3750', '3800 at 3800']);
    expect(ticker.skipped).toBe(0);
  });

  it('comes late by its jitter, without its jitter piling up', async () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.5);
    onTestFinished(() => random.mockRestore());
    ticking(note, new EveryHundred(clock), 80);
    await clock.advance(350);
    expect(log).toEqual(['100 at 140', '200 at 240', '300 at 340']);
  });

  it('loses no tick to the jitter of the one before', async () => {
    const random = vi.spyOn(Math, 'random').mockReturnValueOnce(1).mockReturnValue(0.5);
    onTestFinished(() => random.mockRestore());
    const sleepy = new SleepyClock();
    const run = async (scheduledAt: string) => void log.push(`${Date.parse(scheduledAt)} at ${sleepy.now()}`);
    ticking(run, new EveryHundred(sleepy), 100);
    await sleepy.sleep(205);
    await sleepy.sleep(45);
    expect(log).toEqual(['100 at 205', '200 at 250']);
  });

  it('ends with its schedule', async () => {
    ticking(note, new EveryHundred(clock, 200));
    await clock.advance(1_000);
    expect(log).toEqual(['100 at 100', '200 at 200']);
  });

  it('does not tick once it was stopped', async () => {
    const ticker = ticking(note, new EveryHundred(clock));
    await clock.advance(100);
    await ticker.stop();
    await clock.advance(1_000);
    expect(log).toEqual(['100 at 100']);
  });

  it('is stopped when what runs has ended, and not before', async () => {
    const ticker = ticking(hang, new EveryHundred(clock));
    await clock.advance(100);
    let stopped = false;
    const stopping = ticker.stop().then(() => (stopped = true));
    await clock.advance(1_000);
    expect([stopped, log]).toEqual([false, ['100 at 100']]);
    open.pop()!();
    await stopping;
    expect(ticker.running).toBe(false);
  });

  it('does not go on from a run that stopped it', async () => {
    let stopping: Promise<void> | undefined;
    const ticker = ticking(async (scheduledAt) => {
      await note(scheduledAt);
      stopping = ticker.stop();
    }, new EveryHundred(clock));
    await clock.advance(1_000);
    await stopping;
    expect(log).toEqual(['100 at 100']);
  });

  it('can be stopped before it was started', async () => {
    const ticker = new Ticker(new EveryHundred(clock), 0, note);
    await ticker.stop();
    ticker.start();
    await clock.advance(1_000);
    expect(log).toEqual([]);
  });
});
