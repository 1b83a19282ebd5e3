import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Histogram } from './histogram.js';
import { SlidingWindow } from './window.js';

describe('SlidingWindow', () => {
  it('counts what is young, forgets what is as old as the window, and may forget a tenth of it early', () => {
    const events = fc.array(fc.tuple(fc.nat(400), fc.nat(1)), { maxLength: 60 });
    fc.assert(
      fc.property(events, (steps) => {
        const window = new SlidingWindow(1_000, 2);
        const seen: { at: number; row: number }[] = [];
        let now = 0;
        for (const [pause, row] of steps) {
          now += pause;
          window.add(row, now);
          seen.push({ at: now, row });
        }
        for (const row of [0, 1]) {
          const younger = (age: number) => seen.filter((event) => event.row === row && now - event.at < age).length;
          expect(window.sum(row, now)).toBeGreaterThanOrEqual(younger(900));
          expect(window.sum(row, now)).toBeLessThanOrEqual(younger(1_000));
        }
      }),
    );
  });

  it('is empty after clear', () => {
    const window = new SlidingWindow(1_000, 1);
    window.add(0, 500);
    window.clear();
    expect(window.sum(0, 500)).toBe(0);
    window.add(0, 500);
    expect(window.sum(0, 500)).toBe(1);
  });
});

describe('Histogram', () => {
  it('is within 7 % of the true percentile', () => {
    const durations = fc.array(fc.double({ min: 0.02, max: 3_600_000, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(durations, fc.constantFrom(0.5, 0.99), (values, share) => {
        const histogram = new Histogram();
        for (const value of values) histogram.record(value, 0);
        const exact = values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1]!;
        const error = Math.abs(histogram.percentile(share, 0) - exact);
        expect(error).toBeLessThanOrEqual(Math.max(0.07 * exact, 0.002));
      }),
    );
  });

  it('forgets after 20 s at the latest, and says 0 where nothing was recorded', () => {
    const histogram = new Histogram();
    expect(histogram.percentile(0.99, 0)).toBe(0);
    histogram.record(50, 0);
    expect(histogram.percentile(0.5, 10_000)).toBeCloseTo(50, -1);
    expect(histogram.percentile(0.5, 20_000)).toBe(0);
    const unread = new Histogram();
    unread.record(50, 0);
    expect(unread.percentile(0.5, 20_000)).toBe(0);
  });

  it('takes durations that cannot be for the nearest that can', () => {
    const histogram = new Histogram();
    for (const impossible of [-5, NaN, Infinity]) histogram.record(impossible, 0);
    expect(histogram.percentile(0.3, 0)).toBe(0);
    expect(histogram.percentile(1, 0)).toBeGreaterThan(4_000_000);
  });
});
