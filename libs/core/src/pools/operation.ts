import type { Circuit } from './circuit.js';
import type { PoolState } from './pool-state.js';
import type { BoundedPool } from './bounded-pool.js';
import type { BreakerOptions } from './pool.options.js';
import { RetryPolicy, type RetryOptions } from './retry.js';

export type AnyFunction = (this: unknown, ...args: never[]) => unknown;
export type Fallback = (owner: unknown, error: unknown, args: readonly unknown[]) => unknown;

/** All that is known of a call before it is made; composed once. */
export interface Operation {
  readonly pool: PoolState;
  readonly circuit: Circuit;
  /** The pool's where undefined, read per call since it may be changed live. */
  readonly timeoutMs: number | false | undefined;
  readonly retry: RetryPolicy | undefined;
  readonly context: boolean;
  /** Nobody waits for it: what it spends in the queue is not counted. */
  readonly timedFromStart: boolean;
  readonly isFailure: ((error: Error) => boolean) | undefined;
  readonly fallback: Fallback | undefined;
}

/** What a decorator, a route or a proxy says of its calls; what it leaves out is the pool's. */
export interface OperationOptions {
  readonly timeoutMs?: number | false;
  readonly retry?: RetryOptions;
  readonly context?: boolean;
  readonly breaker?: BreakerOptions | false;
  readonly timedFromStart?: boolean;
  isFailure?(error: Error): boolean;
}

export function composeOperation(
  pool: BoundedPool,
  key: string,
  { timeoutMs, retry, context = true, breaker, timedFromStart = false, isFailure }: OperationOptions = {},
  fallback?: Fallback,
): Operation {
  const policy = retry === undefined ? undefined : new RetryPolicy(retry);
  const circuit = pool.circuit(key, breaker);
  return Object.freeze({ pool, circuit, timeoutMs, retry: policy, context, timedFromStart, isFailure, fallback });
}
