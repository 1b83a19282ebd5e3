import type { CallOptions } from './call.js';
import { boolean, failOn, isPlainObject, positive, problemsOf, type Shape } from './options.js';

const shape: Shape = { signal: abortSignal, timeoutMs: positive, idempotent: boolean, headers };

/** Throws a `ConfigurationError` for what cannot be meant. */
export function checkCallOptions(options: CallOptions): void {
  failOn(problemsOf(options, shape, 'call options'));
}

function abortSignal(value: unknown): string | undefined {
  return value instanceof AbortSignal ? undefined : 'must be an AbortSignal';
}

function headers(value: unknown): string | undefined {
  const fine = isPlainObject(value) && Object.values(value).every((header) => typeof header === 'string');
  return fine ? undefined : 'must be an object of strings';
}
