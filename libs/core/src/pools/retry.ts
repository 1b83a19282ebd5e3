import {
  CallRejectedError,
  isGatewayError,
  isLocalFailure,
  TransportError,
  type ConfigurationProblem,
} from '../errors.js';
import { atLeast, boolean, callable, integer, problemsOf } from '../options.js';
import type { RetryBudgetOptions } from './pool.options.js';
import { SlidingWindow } from './window.js';

/** Repeating a command in this process; its slot is free while it waits. */
export interface RetryOptions {
  /** In all, the first included. At least 1. */
  attempts: number;
  /** Before the second attempt, in ms. @default 100 */
  backoffMs?: number;
  /** By which each wait is longer than the one before. At least 1. @default 2 */
  factor?: number;
  /** Full jitter: anything between 0 and the computed wait. @default true */
  jitter?: boolean;
  /** @default a failure, but for `CALL_TIMEOUT` */
  when?(error: Error): boolean;
}

const DEFAULTS = { backoffMs: 100, factor: 2, jitter: true };

export function retryProblems(options: unknown, path: string): ConfigurationProblem[] {
  if (options === undefined) return [];
  const shape = { attempts: integer(1), backoffMs: atLeast(0), factor: atLeast(1), jitter: boolean, when: callable };
  const problems = problemsOf(options, shape, path);
  const missing = problems.length === 0 && (options as RetryOptions).attempts === undefined;
  return missing ? [{ path: `${path}.attempts`, message: 'is required: how often to try in all' }] : problems;
}

/** Whether to try again, and when. */
export class RetryPolicy {
  readonly attempts: number;
  private readonly backoffMs: number;
  private readonly factor: number;
  private readonly jitter: boolean;
  private readonly when: ((error: Error) => boolean) | undefined;

  constructor(options: RetryOptions) {
    this.attempts = options.attempts;
    this.backoffMs = options.backoffMs ?? DEFAULTS.backoffMs;
    this.factor = options.factor ?? DEFAULTS.factor;
    this.jitter = options.jitter ?? DEFAULTS.jitter;
    this.when = options.when;
  }

  /** `idempotent` false: only what never reached a handler. A `when` that throws has not asked for another attempt. */
  accepts(error: unknown, idempotent: boolean | undefined): boolean {
    if (isGatewayError(error, 'CALL_TIMEOUT') || isGatewayError(error, 'SHUTTING_DOWN')) return false;
    if (idempotent === false && !isUnreached(error)) return false;
    if (this.when === undefined) return isLocalFailure(error);
    try {
      return this.when(error as Error);
    } catch {
      return false;
    }
  }

  /** `attempt`: the one that just failed, from 1. */
  delayMs(attempt: number): number {
    const most = Math.min(this.backoffMs * this.factor ** (attempt - 1), Number.MAX_SAFE_INTEGER);
    return this.jitter ? Math.random() * most : most;
  }
}

/** Refused before the handler, or the wire found nobody to hand it to. */
function isUnreached(error: unknown): boolean {
  return error instanceof CallRejectedError || (error instanceof TransportError && error.reason === 'unroutable');
}

const WINDOW_S = 10;
const CALL = 0;
const RETRY = 1;

/** Keeps retries below a share of the calls of the last ten seconds, whatever each command would like. */
export class RetryBudget {
  private readonly window = new SlidingWindow(WINDOW_S * 1000, 2);

  constructor(private readonly options: Required<RetryBudgetOptions>) {}

  deposit(now: number): void {
    this.window.add(CALL, now);
  }

  withdraw(now: number): boolean {
    const { ratio, minPerSecond } = this.options;
    const allowed = this.window.sum(CALL, now) * ratio + minPerSecond * WINDOW_S;
    if (this.window.sum(RETRY, now) >= allowed) return false;
    this.window.add(RETRY, now);
    return true;
  }
}
