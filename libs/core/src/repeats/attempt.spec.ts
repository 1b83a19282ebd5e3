import { describe, expect, it } from 'vitest';
import { CallTimeoutError } from '../errors.js';
import { failedAttempt, firstAttempt, nextAttempt } from './attempt.js';

class CardDeclined extends Error {}

describe('attempts', () => {
  it('count the retries, from 0 on, and remember the first and the last', () => {
    const first = firstAttempt(new Date(1_000));
    expect(first).toEqual({ count: 0, first: new Date(1_000) });
    const failed = failedAttempt(first, new TypeError('no'), new Date(2_000));
    const error = { type: 'TypeError', message: 'no' };
    expect(failed).toEqual({ count: 0, first: new Date(1_000), last: new Date(2_000), error });
    expect(nextAttempt(failed)).toEqual({ count: 1, first: new Date(1_000), last: new Date(2_000), error });
    expect(first).toEqual({ count: 0, first: new Date(1_000) });
  });

  it.each([
    [new CardDeclined('no'), 'CardDeclined', 'no'],
    [new CallTimeoutError('late', 5), 'CallTimeoutError', 'late'],
    [Object.assign(new Error('no'), { name: 'Renamed' }), 'Renamed', 'no'],
    ['thrown as it is', 'string', 'thrown as it is'],
  ])('say what failed: %s', (error, type, message) => {
    expect(failedAttempt(firstAttempt(new Date()), error, new Date()).error).toEqual({ type, message });
  });
});
