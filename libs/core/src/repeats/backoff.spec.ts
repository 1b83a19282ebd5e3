import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { AccessDeniedError, BulkheadFullError, ConfigurationError, InvalidCallError, RemoteError } from '../errors.js';
import { failedAttempt, firstAttempt, nextAttempt, type AttemptRecord } from './attempt.js';
import { backoff, constant, exponential, linear, retryDelayMs, type Backoff } from './backoff.js';

class PaymentError extends Error {}
class CardDeclined extends PaymentError {}

function problemsOf(make: () => unknown): string[] {
  try {
    make();
  } catch (error) {
    return (error as ConfigurationError).message.split('\n');
  }
  return [];
}

function failedAfter(retries: number): AttemptRecord {
  let attempt = firstAttempt(new Date(0));
  for (let retry = 0; retry < retries; retry++) attempt = nextAttempt(attempt);
  return failedAttempt(attempt, new Error('failed'), new Date(0));
}

function delays(policy: Backoff, error = new Error('failed')): (number | undefined)[] {
  return [0, 1, 2, 3].map((retries) => retryDelayMs(policy, failedAfter(retries), error));
}

describe('backoff', () => {
  it('tries three times more, a minute apart, unless told otherwise', () => {
    expect(backoff().maxRetries).toBe(3);
    expect(delays(backoff())).toEqual([60_000, 60_000, 60_000, undefined]);
  });

  it('tries as often as it is told, at all or for ever', () => {
    expect(delays(backoff({ maxRetries: 0 }))).toEqual([undefined, undefined, undefined, undefined]);
    const forEver = backoff({ maxRetries: Infinity, intervalMs: 5 });
    expect(retryDelayMs(forEver, failedAfter(1_000), new Error('failed'))).toBe(5);
  });

  it('asks a function for each wait, with 0 before the first retry', () => {
    expect(delays(backoff({ intervalMs: (retry) => 10 + retry }))).toEqual([10, 11, 12, undefined]);
  });

  it('retries only what extends a class of `only`', () => {
    const policy = backoff({ only: [PaymentError] });
    expect([new PaymentError(), new CardDeclined(), new Error(), new TypeError()].map(policy.accepts, policy)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('never retries what extends a class of `except`, whatever `only` says', () => {
    const policy = backoff({ only: [PaymentError], except: [CardDeclined] });
    expect([new PaymentError(), new CardDeclined()].map(policy.accepts, policy)).toEqual([true, false]);
    expect(backoff({ except: [PaymentError] }).accepts(new CardDeclined())).toBe(false);
    expect(backoff({ except: [PaymentError] }).accepts(new Error())).toBe(true);
  });

  it('does not repeat a message that was refused for what it is, unless `only` says so', () => {
    const invalid = new InvalidCallError('no amount');
    expect(backoff().accepts(invalid)).toBe(false);
    expect(backoff().accepts(new AccessDeniedError('not yours'))).toBe(false);
    expect(backoff({ only: [InvalidCallError] }).accepts(invalid)).toBe(true);
    expect(backoff().accepts(new BulkheadFullError('full'))).toBe(true);
  });

  it('repeats a message whose handler was refused by another service', () => {
    expect(backoff().accepts(new AccessDeniedError('not yours', { origin: 'remote' }))).toBe(true);
    expect(backoff().accepts(new RemoteError('broken', 'E1'))).toBe(true);
  });

  it('keeps what it was given, whatever becomes of the options', () => {
    const options = { maxRetries: 1, only: [PaymentError] };
    const policy = backoff(options);
    options.maxRetries = 9;
    options.only.length = 0;
    expect([policy.maxRetries, policy.accepts(new PaymentError())]).toEqual([1, true]);
  });

  it('says all that is wrong with its options at once', () => {
    const options = { maxRetries: 1.5, intervalMs: -1, only: [], except: [PaymentError, Map], maxretries: 3 };
    expect(problemsOf(() => backoff(options as never))).toEqual([
      'backoff.maxRetries: must be a whole number of at least 0, or Infinity, got 1.5',
      'backoff.intervalMs: must be a number of at least 0, or a function, got -1',
      'backoff.only: must be an array of at least one class of errors',
      'backoff.except: [1] must be a class of errors, got function Map',
      'backoff.maxretries: is not an option; did you mean maxRetries?',
    ]);
    expect(problemsOf(() => backoff(null as never))).toEqual(['backoff: must be an object, got null']);
  });
});

describe('retryDelayMs', () => {
  const policy = (own: Partial<Backoff>): Backoff => ({
    maxRetries: 9,
    delayMs: () => 1,
    accepts: () => true,
    ...own,
  });
  const thrower = (): never => {
    throw new Error('a bug in the policy');
  };

  it('retries nothing without a backoff', () => {
    expect(retryDelayMs(undefined, failedAfter(0), new Error('failed'))).toBeUndefined();
  });

  it('does not retry where the backoff throws, or gives no number', () => {
    const broken = [
      { delayMs: thrower },
      { accepts: thrower },
      { delayMs: () => NaN },
      { delayMs: () => Infinity },
      { delayMs: () => '5' as never },
    ];
    expect(broken.map((own) => retryDelayMs(policy(own), failedAfter(0), new Error('failed')))).toEqual(
      broken.map(() => undefined),
    );
  });

  it('takes a wait below 0 for none', () => {
    expect(retryDelayMs(policy({ delayMs: () => -5 }), failedAfter(0), new Error('failed'))).toBe(0);
  });
});

describe('waits', () => {
  const first = (wait: (retry: number) => number): number[] => [0, 1, 2, 3].map(wait);

  it('are the same with constant', () => {
    expect(first(constant(7))).toEqual([7, 7, 7, 7]);
  });

  it('grow by a step with linear, up to a bound', () => {
    expect(first(linear({ startMs: 10, stepMs: 5 }))).toEqual([10, 15, 20, 25]);
    expect(first(linear({ startMs: 10, stepMs: 5, maxMs: 18 }))).toEqual([10, 15, 18, 18]);
  });

  it('grow by a factor with exponential, up to a bound', () => {
    expect(first(exponential({ startMs: 100 }))).toEqual([100, 200, 400, 800]);
    expect(first(exponential({ startMs: 100, factor: 3, maxMs: 1_000 }))).toEqual([100, 300, 900, 1_000]);
  });

  it('stay numbers however often a message is tried', () => {
    expect(exponential({ startMs: 100 })(5_000)).toBe(Number.MAX_SAFE_INTEGER);
    expect(exponential({ startMs: 0 })(5_000)).toBe(0);
    expect(linear({ startMs: 1, stepMs: Number.MAX_SAFE_INTEGER })(9)).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('are anything up to the computed one with jitter', () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.25);
    onTestFinished(() => random.mockRestore());
    expect(first(exponential({ startMs: 100, jitter: true }))).toEqual([25, 50, 100, 200]);
  });

  it('say what is wrong with their options', () => {
    expect(problemsOf(() => constant(-1))).toEqual(['constant: must be a number of at least 0, got -1']);
    expect(problemsOf(() => linear({ startMs: 1 } as never))).toEqual(['linear.stepMs: is required']);
    expect(problemsOf(() => exponential({ factor: 0.5, jitter: 1 } as never))).toEqual([
      'exponential.factor: must be a number of at least 1, got 0.5',
      'exponential.jitter: must be true or false, got 1',
      'exponential.startMs: is required',
    ]);
  });
});
