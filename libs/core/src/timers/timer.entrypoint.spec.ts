import { describe, expect, it } from 'vitest';
import type { Entrypoint } from '../routes/entrypoint.js';
import { cron, every, timerProblems } from './timer.entrypoint.js';

function problemsOf(entrypoint: Entrypoint): string[] {
  return timerProblems(entrypoint, 'Jobs.clean').map(({ path, message }) => `${path}: ${message}`);
}

describe('timer entrypoints', () => {
  it('are plain frozen data', () => {
    const entrypoint = every(500, { eager: true });
    expect(entrypoint).toEqual({ transport: 'timer', kind: 'every', options: { ms: 500, eager: true } });
    expect(cron('@daily', { timeZone: 'UTC' })).toEqual({
      transport: 'timer',
      kind: 'cron',
      options: { expression: '@daily', timeZone: 'UTC' },
    });
    expect([Object.isFrozen(entrypoint), Object.isFrozen(entrypoint.options)]).toEqual([true, true]);
  });

  it('are looked at when they are asked about, and not when they are made', () => {
    expect(() => [every(-1), cron('nonsense')]).not.toThrow();
  });

  it.each([
    every(1),
    every(30 * 24 * 3_600_000, { eager: true, jitterMs: 60_000, single: false }),
    cron('*/5 * * * *', { timeZone: 'Europe/Berlin', jitterMs: 60_000, single: false }),
    cron('0 0 3 * * *'),
  ])('have nothing wrong with them: $kind $options', (entrypoint) => {
    expect(problemsOf(entrypoint)).toEqual([]);
  });

  it('say all that is wrong with them at once, with their place', () => {
    expect(problemsOf(every(0.5, { eager: 1, jitter: 5, jitterMs: -1 } as never))).toEqual([
      'Jobs.clean every().eager: must be true or false, got 1',
      'Jobs.clean every().jitter: is not an option; did you mean jitterMs?',
      'Jobs.clean every().jitterMs: must be a number of at least 0, got -1',
      'Jobs.clean every().ms: must be a whole number of at least 1, got 0.5',
    ]);
    expect(problemsOf(cron('@daily', { timeZone: 'Mars/Olympus', jitterMs: NaN }))).toEqual([
      'Jobs.clean cron().timeZone: must be the IANA name of a time zone, got "Mars/Olympus"',
      'Jobs.clean cron().jitterMs: must be a number of at least 0, got NaN',
    ]);
  });

  it('say what is missing', () => {
    expect(problemsOf(every(undefined as never))).toEqual(['Jobs.clean every().ms: is required']);
    expect(problemsOf(cron(undefined as never))).toEqual(['Jobs.clean cron().expression: is required']);
  });

  it('refuse an expression that is none, or that never comes', () => {
    expect(problemsOf(cron('61 * * * *'))).toEqual([
      'Jobs.clean cron().expression: is no cron expression: Invalid value for minute: 61',
    ]);
    expect(problemsOf(cron('0 0 30 2 *', { timeZone: 'Europe/Berlin' }))).toEqual([
      'Jobs.clean cron().expression: never comes: "0 0 30 2 *"',
    ]);
  });

  it('refuse a jitter that is longer than the interval', () => {
    expect(problemsOf(every(100, { jitterMs: 101 }))).toEqual([
      'Jobs.clean every().jitterMs: must be at most the interval, 100 ms, got 101',
    ]);
    expect(problemsOf(every(100, { jitterMs: 100 }))).toEqual([]);
  });

  it.each([every(100, { single: true }), cron('@daily', { single: true })])(
    'say what $kind needs to run on one instance alone',
    (entrypoint) => {
      expect(problemsOf(entrypoint)).toEqual([
        expect.stringMatching(/single: needs a lease .* through amqp\(\) or Redis, and no transport of this app/),
      ]);
    },
  );

  it('refuse a kind that is no timer', () => {
    expect(problemsOf({ transport: 'timer', kind: 'toString', options: {} })).toEqual([
      'Jobs.clean toString(): is no timer (there are: every, cron)',
    ]);
  });
});
