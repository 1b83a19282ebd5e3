import { BulkheadFullError, CallTimeoutError, CircuitOpenError, ShuttingDownError } from '../errors.js';
import type { Operation } from './operation.js';

/**
 * The errors that the call path makes by itself. They say nothing by their stack, which would cost more than all
 * the rest of a refusal; and they are never shared, since a caller may write into what it caught.
 */
function withoutStack<E>(make: () => E): E {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

export function bulkheadFull({ pool }: Operation, cause: unknown): BulkheadFullError {
  const { running, queued } = pool.bulkhead;
  const message = `group "${pool.group}" is full (${running} running, ${queued} waiting)`;
  return withoutStack(() => new BulkheadFullError(message, undefined, causedBy(cause)));
}

export function circuitOpen({ circuit }: Operation, cause: unknown): CircuitOpenError {
  const { group, key, breaker } = circuit;
  const retryAfterMs = Math.ceil(breaker.retryAfterMs());
  const message = `the circuit of "${key}" in group "${group}" is open`;
  return withoutStack(() => new CircuitOpenError(message, retryAfterMs, causedBy(cause)));
}

export function shuttingDown({ circuit }: Operation): ShuttingDownError {
  return withoutStack(() => new ShuttingDownError(`"${circuit.key}" is not called: this process is shutting down`));
}

export function timedOut({ circuit }: Operation, timeoutMs: number, where: string, cause: unknown): CallTimeoutError {
  const ms = Math.round(timeoutMs);
  const message = `"${circuit.key}" in group "${circuit.group}" exceeded ${ms} ms ${where}`;
  return withoutStack(() => new CallTimeoutError(message, ms, causedBy(cause)));
}

/** The failure of the attempt before, where there was one. */
function causedBy(cause: unknown): ErrorOptions | undefined {
  return cause === undefined ? undefined : { cause };
}
