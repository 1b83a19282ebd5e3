/**
 * Everything Sallyport itself throws, ordered by what a caller may do next.
 * What a user's handler throws is passed on untouched and is not in this tree.
 *
 *   GatewayError                      code, origin; never thrown itself
 *   ├─ CallRejectedError              the handler did NOT run
 *   │  ├─ InvalidCallError            malformed, or parameters refused          do not repeat
 *   │  ├─ HandlerNotFoundError        no such method                            do not repeat
 *   │  ├─ RouteNotFoundError          no such path                              do not repeat
 *   │  ├─ AccessDeniedError           the caller may not                        do not repeat
 *   │  ├─ ServiceNotFoundError        nobody serves that name                   do not repeat
 *   │  ├─ BulkheadFullError           no slot and no room to wait               repeat later
 *   │  ├─ CircuitOpenError            the target is failing                     repeat after retryAfterMs
 *   │  └─ ShuttingDownError           this process is going away                repeat elsewhere, now
 *   ├─ CallTimeoutError               the deadline passed; it may still run     repeat if idempotent
 *   ├─ CallCancelledError             the caller gave up; it may still run      repeat if idempotent
 *   ├─ WorkerCrashedError             the worker died under the call            repeat if idempotent
 *   ├─ TransportError                 the wire failed                           repeat if idempotent
 *   ├─ RemoteError                    the other side answered with an error
 *   ├─ EmitError                      an event was not taken by every transport
 *   └─ ConfigurationError             at bootstrap: all problems in one message
 *
 * Identity is the string `code`: errors cross threads, processes and wires, and lose their prototype there.
 */
import type { TransportName } from './call.js';
import { list, optionalNumber, record, text } from './untrusted.js';

export type GatewayErrorCode =
  | 'INVALID_CALL'
  | 'HANDLER_NOT_FOUND'
  | 'ROUTE_NOT_FOUND'
  | 'ACCESS_DENIED'
  | 'SERVICE_NOT_FOUND'
  | 'BULKHEAD_FULL'
  | 'CIRCUIT_OPEN'
  | 'SHUTTING_DOWN'
  | 'CALL_TIMEOUT'
  | 'CALL_CANCELLED'
  | 'WORKER_CRASHED'
  | 'TRANSPORT_FAILED'
  | 'REMOTE_ERROR'
  | 'EMIT_FAILED'
  | 'CONFIGURATION_INVALID';

/** What goes over a wire of an error: never its stack, never its cause. */
export interface SerializedError {
  code: GatewayErrorCode;
  message: string;
  data?: unknown;
}

export interface GatewayErrorOptions extends ErrorOptions {
  /** @default 'local' */
  origin?: 'local' | 'remote';
}

/** The base of everything in the tree above. */
export abstract class GatewayError extends Error {
  abstract readonly code: GatewayErrorCode;
  /** `remote`: rebuilt from a wire; counts as a failure of the target, whatever its code. */
  readonly origin: 'local' | 'remote';

  constructor(message: string, options?: GatewayErrorOptions) {
    super(message, options);
    this.origin = options?.origin ?? 'local';
  }

  /** The same error from the other side of a wire, by its `code`; an unknown code becomes a {@link RemoteError}. */
  static fromJSON(json: { code: unknown; message: unknown; data?: unknown }): GatewayError {
    return rebuildError(json);
  }

  toJSON(): SerializedError {
    const data = this.details();
    return { code: this.code, message: this.message, ...(data === undefined ? {} : { data }) };
  }

  /** The error's own fields, as `fromJSON` takes them back. */
  protected details(): unknown {
    return undefined;
  }
}

/** The handler did not run. */
export abstract class CallRejectedError extends GatewayError {}

/** The message is malformed, or its parameters were refused. */
export class InvalidCallError extends CallRejectedError {
  readonly code = 'INVALID_CALL';

  constructor(
    message: string,
    readonly issues: { path: string; message: string }[] = [],
    options?: GatewayErrorOptions,
  ) {
    super(message, options);
  }

  protected override details(): unknown {
    return { issues: this.issues };
  }
}

/** There is no such method. */
export class HandlerNotFoundError extends CallRejectedError {
  readonly code = 'HANDLER_NOT_FOUND';
}

/** There is no such path. */
export class RouteNotFoundError extends CallRejectedError {
  readonly code = 'ROUTE_NOT_FOUND';
}

/** The caller may not do that. */
export class AccessDeniedError extends CallRejectedError {
  readonly code = 'ACCESS_DENIED';
}

/** Nobody serves that name. */
export class ServiceNotFoundError extends CallRejectedError {
  readonly code = 'SERVICE_NOT_FOUND';

  constructor(
    message: string,
    readonly service: string,
    options?: GatewayErrorOptions,
  ) {
    super(message, options);
  }

  protected override details(): unknown {
    return { service: this.service };
  }
}

/** Every slot of the pool is taken and its queue is full. */
export class BulkheadFullError extends CallRejectedError {
  readonly code = 'BULKHEAD_FULL';

  constructor(
    message: string,
    readonly retryAfterMs?: number,
    options?: GatewayErrorOptions,
  ) {
    super(message, options);
  }

  protected override details(): unknown {
    return this.retryAfterMs === undefined ? undefined : { retryAfterMs: this.retryAfterMs };
  }
}

/** The target fails too often to be called; it will be tried again in `retryAfterMs`. */
export class CircuitOpenError extends CallRejectedError {
  readonly code = 'CIRCUIT_OPEN';

  constructor(
    message: string,
    readonly retryAfterMs: number,
    options?: GatewayErrorOptions,
  ) {
    super(message, options);
  }

  protected override details(): unknown {
    return { retryAfterMs: this.retryAfterMs };
  }
}

/** This process is going away and takes no more work. */
export class ShuttingDownError extends CallRejectedError {
  readonly code = 'SHUTTING_DOWN';
}

/** The deadline passed; the handler may still be running. */
export class CallTimeoutError extends GatewayError {
  readonly code = 'CALL_TIMEOUT';

  constructor(
    message: string,
    readonly timeoutMs: number,
    options?: GatewayErrorOptions,
  ) {
    super(message, options);
  }

  protected override details(): unknown {
    return { timeoutMs: this.timeoutMs };
  }
}

/** The caller gave up; `cause` is its reason. The handler may still be running. */
export class CallCancelledError extends GatewayError {
  readonly code = 'CALL_CANCELLED';
}

/** The worker thread or process died while it ran the call. */
export class WorkerCrashedError extends GatewayError {
  readonly code = 'WORKER_CRASHED';
}

export type TransportFailure =
  'disconnected' | 'unroutable' | 'nacked' | 'blocked' | 'buffer-full' | 'unconfirmed' | 'protocol';

/** The wire failed: whether the other side acted is unknown, but for `unroutable`. */
export class TransportError extends GatewayError {
  readonly code = 'TRANSPORT_FAILED';

  constructor(
    message: string,
    readonly transport: TransportName,
    readonly reason: TransportFailure,
    options?: GatewayErrorOptions,
  ) {
    super(message, options);
  }

  protected override details(): unknown {
    return { transport: this.transport, reason: this.reason };
  }
}

/** The other side answered with an error that is not one of ours. */
export class RemoteError extends GatewayError {
  readonly code = 'REMOTE_ERROR';

  constructor(
    message: string,
    readonly remoteCode: string | number,
    readonly data?: unknown,
    options?: GatewayErrorOptions,
  ) {
    super(message, { origin: 'remote', ...options });
  }

  protected override details(): unknown {
    return { remoteCode: this.remoteCode, ...(this.data === undefined ? {} : { data: this.data }) };
  }
}

/** An event was not taken by every transport it was meant for. */
export class EmitError extends GatewayError {
  readonly code = 'EMIT_FAILED';

  constructor(
    message: string,
    readonly failed: Record<string, Error>,
    readonly succeeded: string[],
    options?: GatewayErrorOptions,
  ) {
    super(message, options);
  }

  protected override details(): unknown {
    const failed = Object.entries(this.failed).map(([name, error]) => [name, error.message]);
    return { failed: Object.fromEntries(failed), succeeded: this.succeeded };
  }
}

export interface ConfigurationProblem {
  /** Where it is: `pools.billing.maxConcurrent`, or `Sessions.currentUser`. */
  path: string;
  message: string;
}

/** Something is wired or configured wrongly; the message lists every problem with its place. */
export class ConfigurationError extends GatewayError {
  readonly code = 'CONFIGURATION_INVALID';

  constructor(
    readonly problems: ConfigurationProblem[],
    options?: GatewayErrorOptions,
  ) {
    super(problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('\n'), options);
    // The message has them all; a console would print them again.
    Object.defineProperty(this, 'problems', { enumerable: false });
  }

  protected override details(): unknown {
    return { problems: this.problems };
  }
}

interface ErrorEntry {
  type: { readonly prototype: GatewayError; readonly name: string };
  /** Whether it is a failure of the target when it was made in this process. */
  failure: boolean;
  rebuild(message: string, data: Record<string, unknown>, options: GatewayErrorOptions): GatewayError;
}

function plain(
  type: new (message: string, options?: GatewayErrorOptions) => GatewayError,
  { failure }: { failure: boolean },
): ErrorEntry {
  return { type, failure, rebuild: (message, _data, options) => new type(message, options) };
}

/** The one place that knows every code; a code without a line here does not compile. */
const ERRORS = {
  INVALID_CALL: {
    type: InvalidCallError,
    failure: false,
    rebuild: (message, data, options) => new InvalidCallError(message, issuesIn(data['issues']), options),
  },
  HANDLER_NOT_FOUND: plain(HandlerNotFoundError, { failure: false }),
  ROUTE_NOT_FOUND: plain(RouteNotFoundError, { failure: false }),
  ACCESS_DENIED: plain(AccessDeniedError, { failure: false }),
  SERVICE_NOT_FOUND: {
    type: ServiceNotFoundError,
    failure: false,
    rebuild: (message, data, options) => new ServiceNotFoundError(message, text(data['service']), options),
  },
  BULKHEAD_FULL: {
    type: BulkheadFullError,
    failure: false,
    rebuild: (message, data, options) => new BulkheadFullError(message, optionalNumber(data['retryAfterMs']), options),
  },
  CIRCUIT_OPEN: {
    type: CircuitOpenError,
    failure: false,
    rebuild: (message, data, options) =>
      new CircuitOpenError(message, optionalNumber(data['retryAfterMs']) ?? 0, options),
  },
  SHUTTING_DOWN: plain(ShuttingDownError, { failure: false }),
  CALL_TIMEOUT: {
    type: CallTimeoutError,
    failure: true,
    rebuild: (message, data, options) => new CallTimeoutError(message, optionalNumber(data['timeoutMs']) ?? 0, options),
  },
  CALL_CANCELLED: plain(CallCancelledError, { failure: false }),
  WORKER_CRASHED: plain(WorkerCrashedError, { failure: true }),
  TRANSPORT_FAILED: {
    type: TransportError,
    failure: true,
    rebuild: (message, data, options) =>
      new TransportError(message, text(data['transport']), text(data['reason']) as TransportFailure, options),
  },
  REMOTE_ERROR: {
    type: RemoteError,
    failure: true,
    rebuild: (message, data, options) =>
      new RemoteError(message, optionalNumber(data['remoteCode']) ?? text(data['remoteCode']), data['data'], options),
  },
  EMIT_FAILED: {
    type: EmitError,
    failure: true,
    rebuild: (message, data, options) =>
      new EmitError(message, errorsIn(data['failed']), list(data['succeeded']).map(text), options),
  },
  CONFIGURATION_INVALID: {
    type: ConfigurationError,
    failure: true,
    rebuild: (message, data, options) => {
      const problems = issuesIn(data['problems']);
      return new ConfigurationError(problems.length > 0 ? problems : [{ path: '', message }], options);
    },
  },
} satisfies Record<GatewayErrorCode, ErrorEntry>;

for (const { type } of Object.values(ERRORS)) {
  Object.defineProperty(type.prototype, 'name', { value: type.name, configurable: true, writable: true });
}

/** Whether `error` is one of ours (with that `code`), wherever its prototype was lost. */
export function isGatewayError<C extends GatewayErrorCode>(
  error: unknown,
  code?: C,
): error is GatewayError & { code: C } {
  if (typeof error !== 'object' || error === null) return false;
  const found = (error as { code?: unknown }).code;
  return code === undefined ? typeof found === 'string' && Object.hasOwn(ERRORS, found) : found === code;
}

/** Whether an error made in this process says something about the target; refusals and cancels do not. */
export function isLocalFailure(error: unknown): boolean {
  return !isGatewayError(error) || error.origin === 'remote' || ERRORS[error.code].failure;
}

function rebuildError(json: unknown): GatewayError {
  const { code, message, data } = record(json);
  if (typeof code !== 'string' || !Object.hasOwn(ERRORS, code)) {
    return new RemoteError(text(message), typeof code === 'number' ? code : text(code), data);
  }
  return ERRORS[code as GatewayErrorCode].rebuild(text(message), record(data), { origin: 'remote' });
}

function issuesIn(value: unknown): { path: string; message: string }[] {
  return list(value).map((issue) => ({ path: text(record(issue)['path']), message: text(record(issue)['message']) }));
}

function errorsIn(value: unknown): Record<string, Error> {
  return Object.fromEntries(Object.entries(record(value)).map(([name, message]) => [name, new Error(text(message))]));
}
