import { BulkheadFullError, CallTimeoutError, CircuitOpenError, ShuttingDownError } from '../errors.js';
import type { Operation } from './operation.js';

/**
 * The errors that the call path makes by itself. Their stack would say nothing and cost more than all the rest of a
 * refusal; they are never shared, since a caller may write into what it caught. A limit of 0 still has V8 walk into
 * its capture; with a limit that is no number it does not, at half the cost, and leaves the first line to us.
 */
function withoutFrames<E extends Error>(make: () => E): E {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = undefined as unknown as number;
  try {
    const error = make();
    error.stack = `${error.name}: ${error.message}`;
    return error;
  } finally {
    Error.stackTraceLimit = limit;
  }
}

export function bulkheadFull({ pool }: Operation, cause: unknown): BulkheadFullError {
  const { running, queued } = pool.bulkhead;
  const message = `group "${pool.group}" is full (${running} running, ${queued} waiting)`;
  return withoutFrames(() => new BulkheadFullError(message, undefined, causedBy(cause)));
}

export function circuitOpen({ circuit }: Operation, cause: unknown): CircuitOpenError {
  const retryAfterMs = Math.ceil(circuit.breaker.retryAfterMs());
  const message = `the circuit of ${circuit.label} is open`;
  return withoutFrames(() => new CircuitOpenError(message, retryAfterMs, causedBy(cause)));
}

export function shuttingDown({ circuit }: Operation): ShuttingDownError {
  return withoutFrames(() => new ShuttingDownError(`${circuit.label} is not called: this process is shutting down`));
}

export function timedOut({ circuit }: Operation, timeoutMs: number, where: string, cause: unknown): CallTimeoutError {
  const ms = Math.round(timeoutMs);
  return withoutFrames(() => new CallTimeoutError(`${circuit.label} exceeded ${ms} ms ${where}`, ms, causedBy(cause)));
}

/** The failure of the attempt before, where there was one. */
function causedBy(cause: unknown): ErrorOptions | undefined {
  return cause === undefined ? undefined : { cause };
}
