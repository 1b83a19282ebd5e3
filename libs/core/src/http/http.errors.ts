import { HttpException } from '@nestjs/common';
import { isGatewayError, type GatewayError, type GatewayErrorCode } from '../errors.js';

/** The only place where an HTTP status is chosen for an error of ours. */
const STATUS = {
  INVALID_CALL: 400,
  HANDLER_NOT_FOUND: 404,
  ROUTE_NOT_FOUND: 404,
  ACCESS_DENIED: 403,
  SERVICE_NOT_FOUND: 502,
  BULKHEAD_FULL: 503,
  CIRCUIT_OPEN: 503,
  SHUTTING_DOWN: 503,
  CALL_TIMEOUT: 504,
  CALL_CANCELLED: 499,
  WORKER_CRASHED: 500,
  TRANSPORT_FAILED: 502,
  REMOTE_ERROR: 502,
  EMIT_FAILED: 502,
  CONFIGURATION_INVALID: 500,
} satisfies Record<GatewayErrorCode, number>;

const INTERNAL = 500;

export interface HttpAnswer {
  readonly status: number;
  /** JSON; undefined: none. */
  readonly body: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What an HTTP client is told of an error: of those that are nobody's but ours, nothing. */
export function errorAnswer(error: unknown): HttpAnswer {
  if (error instanceof HttpException) return { status: error.getStatus(), body: bodyOf(error) };
  if (!isGatewayError(error)) return internal('INTERNAL_ERROR');
  const status = STATUS[error.code];
  if (status === INTERNAL) return internal(error.code);
  const { code, message } = error;
  const form = typeof error.toJSON === 'function' ? error.toJSON() : { code, message };
  return { status, body: JSON.stringify(form), headers: retryAfter(error) };
}

function internal(code: string): HttpAnswer {
  return { status: INTERNAL, body: JSON.stringify({ code, message: 'Internal server error' }) };
}

/** As the exceptions layer of Nest answers. */
function bodyOf(error: HttpException): string {
  const response = error.getResponse();
  return JSON.stringify(typeof response === 'string' ? { statusCode: error.getStatus(), message: response } : response);
}

function retryAfter(error: GatewayError): Record<string, string> | undefined {
  const { retryAfterMs } = error as { retryAfterMs?: unknown };
  return typeof retryAfterMs === 'number' ? { 'Retry-After': String(Math.ceil(retryAfterMs / 1_000)) } : undefined;
}
