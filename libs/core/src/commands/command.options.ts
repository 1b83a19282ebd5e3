import type { ConfigurationProblem } from '../errors.js';
import { boolean, callable, falseOr, name, positive, problemsOf, type Shape } from '../options.js';
import { breakerProblems, type BreakerOptions } from '../pools/pool.options.js';
import { retryProblems, type RetryOptions } from '../pools/retry.js';

export interface CommandOptions {
  /** The pool that bounds it. */
  group: string;
  /** Names its circuit and its counts; unique inside its group. @default `Class.method`, or the class name */
  key?: string;
  /** For the whole command, waiting and retries included, in ms; a caller's earlier deadline wins. @default the pool's */
  timeoutMs?: number | false;
  /** @default none */
  retry?: RetryOptions;
  /**
   * `false`: no `CallContext` of its own, `currentCall()` is the enclosing call's. About half the cost, for hot work
   * in this process. @default true
   */
  context?: boolean;
  /** Merged over the pool's. */
  breaker?: BreakerOptions | false;
  /**
   * False: the error is an answer; it is not counted as a failure, not retried, and no fallback stands in for it.
   * @default true, but for what was refused or cancelled in this process
   */
  isFailure?(error: Error): boolean;
}

/** Called with what went wrong before the arguments of the call. */
export type FallbackOption = string | ((error: Error, ...args: never[]) => unknown);

const shape: Shape = {
  group: name,
  key: name,
  timeoutMs: falseOr(positive),
  retry: unchecked,
  context: boolean,
  breaker: unchecked,
  isFailure: callable,
  fallback: fallback,
};

export function commandProblems(options: unknown, path: string): ConfigurationProblem[] {
  const problems = problemsOf(options, shape, path);
  const { group, retry, breaker } = (options ?? {}) as CommandOptions;
  if (group === undefined) problems.push({ path: `${path}.group`, message: 'is required: the name of a pool' });
  return [...problems, ...retryProblems(retry, `${path}.retry`), ...breakerProblems(breaker, `${path}.breaker`)];
}

function fallback(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'function'
    ? undefined
    : 'must be the name of a public method of the same class, or a function (error, ...args)';
}

/** Looked at in its own right, by a function that can name its fields. */
function unchecked(): undefined {}
