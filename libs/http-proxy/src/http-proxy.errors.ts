import { HttpException } from '@nestjs/common';
import { isGatewayError, type GatewayErrorCode } from 'sallyport';

/** What a client is told, whatever the cause: nothing about the inside of the gateway. */
export interface Refusal {
  status: number;
  message: string;
  retryAfterMs?: number;
}

const BROKEN = { status: 502, message: 'gateway reject due to broken upstream connection.' };
const TOO_SLOW = { status: 408, message: 'the request took too long.' };
const INTERNAL = { status: 500, message: 'internal error.' };

export const MALFORMED: Refusal = { status: 400, message: 'the request is malformed.' };
export const NO_SUCH_PATH: Refusal = { status: 404, message: 'no such path.' };
export const TOO_MANY_TUNNELS: Refusal = {
  status: 503,
  message: 'gateway reject due to too many connections.',
};

/** The only place where a status is chosen. The texts are those of the older gateway where it had one. */
const REFUSALS = {
  INVALID_CALL: MALFORMED,
  HANDLER_NOT_FOUND: NO_SUCH_PATH,
  ROUTE_NOT_FOUND: NO_SUCH_PATH,
  ACCESS_DENIED: { status: 403, message: 'access denied.' },
  SERVICE_NOT_FOUND: BROKEN,
  BULKHEAD_FULL: { status: 503, message: 'gateway reject due to too many connections.' },
  CIRCUIT_OPEN: { status: 503, message: 'gateway reject due to open circuit.' },
  SHUTTING_DOWN: { status: 503, message: 'gateway is shutting down.' },
  CALL_TIMEOUT: { status: 504, message: 'gateway reject due to timeout.' },
  CALL_CANCELLED: { status: 503, message: 'gateway is shutting down.' },
  WORKER_CRASHED: BROKEN,
  TRANSPORT_FAILED: BROKEN,
  REMOTE_ERROR: BROKEN,
  EMIT_FAILED: BROKEN,
  CONFIGURATION_INVALID: INTERNAL,
} as const satisfies Record<GatewayErrorCode, Refusal>;

/** The client stopped in the middle of its request. */
export class ClientSilentError extends Error {
  constructor() {
    super('the client has fallen silent');
  }
}

export function refusalOf(error: unknown): Refusal {
  if (isGatewayError(error)) {
    if (error.cause instanceof ClientSilentError) return TOO_SLOW;
    const { retryAfterMs } = error as { retryAfterMs?: number };
    return retryAfterMs ? { ...REFUSALS[error.code], retryAfterMs } : REFUSALS[error.code];
  }
  if (error instanceof HttpException) return { status: error.getStatus(), message: error.message };
  return INTERNAL;
}

/** A hook that answers with a status below 500 has not failed, and says nothing about the upstream. */
export function isAnswer(error: unknown): boolean {
  return error instanceof HttpException && error.getStatus() < 500;
}
