import type { RpcErrorObject } from '../json-rpc.errors.js';

/** What came back for one call; without an error it is a result. */
export interface RpcReply {
  readonly id: unknown;
  readonly result?: unknown;
  readonly error?: RpcErrorObject | null;
}

/** The replies of a message, one by one; undefined where it is none. Old servers send both members, one of them null. */
export function repliesIn(message: unknown): RpcReply[] | undefined {
  const replies = Array.isArray(message) ? (message as unknown[]) : [message];
  return replies.every(isReply) ? replies : undefined;
}

function isReply(value: unknown): value is RpcReply {
  if (typeof value !== 'object' || value === null) return false;
  const { jsonrpc, error, result } = value as Record<string, unknown>;
  if (jsonrpc !== '2.0') return false;
  return error === undefined || error === null ? result !== undefined : isError(error);
}

function isError(error: unknown): boolean {
  if (typeof error !== 'object') return false;
  const { code, message } = error as Record<string, unknown>;
  return typeof code === 'number' && typeof message === 'string';
}
