import type { Circuit } from './circuit.js';
import type { PoolState } from './pool-state.js';
import type { RetryPolicy } from './retry.js';

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
  readonly isFailure: ((error: Error) => boolean) | undefined;
  readonly fallback: Fallback | undefined;
}
