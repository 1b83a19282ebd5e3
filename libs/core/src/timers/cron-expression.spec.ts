import { describe, expect, it } from 'vitest';
import { CronExpression, cronProblem } from './cron-expression.js';

/** As many as there are before `end`. */
function times(expression: string, timeZone: string, start: string, end: string): string[] {
  const cron = new CronExpression(expression, timeZone);
  const found: string[] = [];
  let time = cron.next(Date.parse(start));
  while (time !== undefined && time < Date.parse(end)) {
    found.push(new Date(time).toISOString().replace(':00.000Z', ''));
    time = cron.next(time);
  }
  return found;
}

describe('CronExpression', () => {
  it('goes by the minute with five fields, and by the second with six', () => {
    expect(times('*/20 * * * *', 'UTC', '2026-05-01T10:05:00Z', '2026-05-01T11:05:00Z')).toEqual([
      '2026-05-01T10:20',
      '2026-05-01T10:40',
      '2026-05-01T11:00',
    ]);
    const cron = new CronExpression('*/10 * * * * *', 'UTC');
    expect(cron.next(Date.parse('2026-05-01T10:00:00Z'))).toBe(Date.parse('2026-05-01T10:00:10Z'));
    expect(cron.next(Date.parse('2026-05-01T10:00:09.999Z'))).toBe(Date.parse('2026-05-01T10:00:10Z'));
  });

  it('goes by the clock of its time zone', () => {
    expect(times('0 9 * * mon-fri', 'America/New_York', '2026-07-03T00:00:00Z', '2026-07-07T00:00:00Z')).toEqual([
      '2026-07-03T13:00',
      '2026-07-06T13:00',
    ]);
  });

  it('finds the 29th of February, years ahead', () => {
    expect(times('0 0 29 2 *', 'UTC', '2026-01-01T00:00:00Z', '2033-01-01T00:00:00Z')).toEqual([
      '2028-02-29T00:00',
      '2032-02-29T00:00',
    ]);
  });

  it('takes a fixed time that is left out right after the gap', () => {
    expect(times('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z', '2026-03-31T00:00:00Z')).toEqual([
      '2026-03-28T01:30',
      '2026-03-29T01:00',
      '2026-03-30T00:30',
    ]);
  });

  it('takes a fixed time that comes twice once', () => {
    expect(times('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', '2026-10-27T00:00:00Z')).toEqual([
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ]);
  });

  it('comes every hour where clocks are changed, also by half an hour', () => {
    expect(times('0 * * * *', 'Europe/Berlin', '2026-10-24T23:30:00Z', '2026-10-25T02:30:00Z')).toEqual([
      '2026-10-25T00:00',
      '2026-10-25T01:00',
      '2026-10-25T02:00',
    ]);
    expect(times('0 * * * *', 'Australia/Lord_Howe', '2026-10-03T14:00:00Z', '2026-10-03T17:00:00Z')).toEqual([
      '2026-10-03T14:30',
      '2026-10-03T16:00',
    ]);
  });
});

describe('cronProblem', () => {
  it.each(['* * * * *', '*/5 * * * * *', '@daily', '0 9 * * MON-FRI', '0 0 L * *'])('finds nothing in %s', (line) => {
    expect(cronProblem(line, undefined)).toBeUndefined();
  });

  it.each([
    ['every minute', 'is no cron expression: invalid configuration format'],
    ['61 * * * *', 'is no cron expression: Invalid value for minute: 61'],
    ['* * * * * * 2030', "is no cron expression: mode '5-or-6-parts' requires exactly 5 or 6 parts"],
    ['2030-01-01T00:00:00', 'is no cron expression: it is a date'],
    ['@reboot', 'is no cron expression: @reboot'],
    ['0 0 31 2 *', 'never comes: "0 0 31 2 *"'],
  ])('says what is wrong with %s', (line, message) => {
    expect(cronProblem(line, undefined)).toMatch(message);
  });
});
