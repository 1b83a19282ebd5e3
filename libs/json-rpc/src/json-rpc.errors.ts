import { HttpException } from '@nestjs/common';
import { RpcException } from '@nestjs/microservices';
import { GatewayError, isGatewayError, RemoteError, type GatewayErrorCode } from 'sallyport';
import { isJsonRpcError } from './json-rpc-error.js';

/** The error object of a reply. */
export interface RpcErrorObject {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

interface WireError {
  readonly code: number;
  readonly message: string;
  /** The fields of the error that the caller may see beside its `code`. */
  readonly tells?: readonly string[];
  /** True: the number says it all, and is what the specification has. */
  readonly plain?: true;
}

const INTERNAL = -32_603;
const SERVER_ERROR = -32_000;
/** What Nest says of everything that it does not know. */
const UNKNOWN_EXCEPTION = 'Internal server error';
const NOT_FOUND = { code: -32_601, message: 'Method not found', plain: true } as const;
const FAILED_INSIDE = { code: INTERNAL, message: 'Internal error' } as const;

/** The only place where a number is chosen. The texts say nothing about the inside of the service. */
const ERRORS = {
  INVALID_CALL: { code: -32_602, message: 'Invalid params', tells: ['issues'] },
  HANDLER_NOT_FOUND: NOT_FOUND,
  ROUTE_NOT_FOUND: { ...NOT_FOUND, plain: undefined },
  ACCESS_DENIED: { code: -32_001, message: 'Access denied' },
  BULKHEAD_FULL: { code: -32_002, message: 'Too many calls', tells: ['retryAfterMs'] },
  CIRCUIT_OPEN: { code: -32_003, message: 'Circuit open', tells: ['retryAfterMs'] },
  CALL_TIMEOUT: { code: -32_004, message: 'Deadline exceeded', tells: ['timeoutMs'] },
  SHUTTING_DOWN: { code: -32_005, message: 'Shutting down' },
  CALL_CANCELLED: { code: -32_006, message: 'Cancelled' },
  SERVICE_NOT_FOUND: FAILED_INSIDE,
  WORKER_CRASHED: FAILED_INSIDE,
  TRANSPORT_FAILED: FAILED_INSIDE,
  REMOTE_ERROR: { ...FAILED_INSIDE, plain: true },
  EMIT_FAILED: FAILED_INSIDE,
  CONFIGURATION_INVALID: { ...FAILED_INSIDE, plain: true },
} as const satisfies Record<GatewayErrorCode, WireError>;

export const PARSE_ERROR = json({ code: -32_700, message: 'Parse error' });
export const INVALID_REQUEST = json({ code: -32_600, message: 'Invalid Request' });
export const METHOD_NOT_FOUND = json({ code: NOT_FOUND.code, message: NOT_FOUND.message });
export const INTERNAL_ERROR = json(FAILED_INSIDE);
export const ACCESS_DENIED = gatewayErrorJson('ACCESS_DENIED', {});
export const TOO_MANY_CALLS = gatewayErrorJson('BULKHEAD_FULL', {});
export const SHUTTING_DOWN = gatewayErrorJson('SHUTTING_DOWN', {});
export const CANCELLED = gatewayErrorJson('CALL_CANCELLED', {});

/** What the caller may see of an error, as JSON; the rest stays here. `trusted`: all that an error of ours says. */
export function errorJson(error: unknown, trusted = false): string {
  if (isJsonRpcError(error)) return ownJson(error);
  if (isGatewayError(error)) return trusted ? wholeJson(error) : gatewayErrorJson(error.code, fieldsOf(error));
  if (error instanceof RpcException) return fromRpcException(error.getError(), error.message);
  if (error instanceof HttpException) return fromHttpException(error);
  // What the filters of Nest make of an RpcException.
  return error instanceof Error ? INTERNAL_ERROR : fromRpcException(error, '');
}

/** What the numbers mean that the specification itself has; the others are anybody's. */
const STANDARD: ReadonlyMap<unknown, GatewayErrorCode> = new Map([
  [-32_700, 'INVALID_CALL'],
  [-32_600, 'INVALID_CALL'],
  [-32_601, 'HANDLER_NOT_FOUND'],
  [-32_602, 'INVALID_CALL'],
]);

/** The error that the other side answered with, as ours where it is one, otherwise a RemoteError. */
export function fromRpcError({ code, message, data }: RpcErrorObject): GatewayError {
  const named = typeof data === 'object' && data !== null ? (data as { code?: unknown }).code : undefined;
  const ours = typeof named === 'string' && Object.hasOwn(ERRORS, named) ? (named as GatewayErrorCode) : undefined;
  const known = ours !== undefined && ERRORS[ours].code === code ? ours : STANDARD.get(code);
  return known === undefined
    ? new RemoteError(message, code, data)
    : GatewayError.fromJSON({ code: known, message, data });
}

function gatewayErrorJson(name: GatewayErrorCode, fields: Readonly<Record<string, unknown>>): string {
  const { code, message, tells = [], plain }: WireError = ERRORS[name];
  if (plain) return json({ code, message });
  const told = tells.map((field) => [field, fields[field]]);
  return json({ code, message, data: { code: name, ...Object.fromEntries(told) } });
}

/** To a peer that is one of us. */
function wholeJson(error: GatewayError): string {
  // It may have lost its prototype on the way out of a worker.
  const { data } = typeof error.toJSON === 'function' ? error.toJSON() : {};
  const { code } = ERRORS[error.code];
  return ownJson({ code, message: error.message, data: { ...(data as object | undefined), code: error.code } });
}

/** Of a call that was refused for its shape there is only a sentence, unless it quotes what went wrong further in. */
function fieldsOf(error: GatewayError): Readonly<Record<string, unknown>> {
  const fields = error as unknown as Readonly<Record<string, unknown>>;
  if (error.code !== 'INVALID_CALL') return fields;
  const issues = Array.isArray(fields['issues']) ? fields['issues'] : [];
  if (issues.length > 0 || error.cause !== undefined || error.origin === 'remote') return { issues };
  return { issues: [{ path: '', message: error.message }] };
}

/** A sentence, or an error object; what has no code of its own is an error of the server's. */
function fromRpcException(given: unknown, fallback: string): string {
  if (typeof given === 'string') return ownJson({ code: SERVER_ERROR, message: given });
  const { code, message = fallback, data, status } = (given ?? {}) as Partial<RpcErrorObject & { status: unknown }>;
  if (status === 'error' && message === UNKNOWN_EXCEPTION) return INTERNAL_ERROR;
  return ownJson({ code: Number.isSafeInteger(code) ? code! : SERVER_ERROR, message, data });
}

/** Pipes and guards of Nest speak HTTP whatever the wire. */
function fromHttpException(error: HttpException): string {
  const status = error.getStatus();
  if (status === 401 || status === 403) return ACCESS_DENIED;
  if (status !== 400 && status !== 422) return INTERNAL_ERROR;
  const response = error.getResponse();
  const message: unknown = typeof response === 'string' ? response : (response as { message?: unknown }).message;
  const issues = [message ?? error.message].flat().map((one) => ({ path: '', message: textOf(one) }));
  return gatewayErrorJson('INVALID_CALL', { issues });
}

function textOf(message: unknown): string {
  return typeof message === 'string' ? message : JSON.stringify(message);
}

/** What somebody wrote may be anything: then it is our error that he did. */
function ownJson({ code, message, data }: RpcErrorObject): string {
  if (!Number.isSafeInteger(code) || typeof message !== 'string') return INTERNAL_ERROR;
  try {
    return json({ code, message, data });
  } catch {
    return INTERNAL_ERROR;
  }
}

function json(error: RpcErrorObject): string {
  return JSON.stringify({ code: error.code, message: error.message, data: error.data });
}
