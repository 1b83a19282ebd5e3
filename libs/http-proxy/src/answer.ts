import { STATUS_CODES, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { flat } from './exchange/through-hooks.js';
import type { ProxyResponse } from './http-proxy.command.js';
import type { Refusal } from './http-proxy.errors.js';

/** Tells the client in our words; where a response has begun, only the end of the connection still says anything. */
export function refuse(response: ServerResponse, { status, message, retryAfterMs }: Refusal): void {
  if (response.headersSent) return void response.destroy();
  const body = JSON.stringify({ code: status, message, errors: [] });
  const retryAfter = status === 503 ? ['retry-after', seconds(retryAfterMs)] : [];
  const { headers } = response.req;
  // Whether a client that asked for leave sends its body all the same cannot be known: the connection ends here.
  if (headers.expect !== undefined) response.shouldKeepAlive = false;
  const length = String(Buffer.byteLength(body));
  const type = 'application/json; charset=utf-8';
  response.writeHead(status, STATUS_CODES[status], ['content-type', type, 'content-length', length, ...retryAfter]);
  response.end(body);
}

/** RFC 9110 §10.2.3: whole seconds; at least one, or nobody would wait. */
function seconds(ms = 1_000): string {
  return String(Math.max(1, Math.ceil(ms / 1_000)));
}

/** Writes what a hook or a fallback gave. `untouched`: the body is the upstream's, and so is its length. */
export async function give(response: ServerResponse, given: ProxyResponse, untouched = false): Promise<void> {
  const headers = { ...given.headers };
  const body = inBytes(given.body, headers);
  if (!untouched) {
    for (const name of Object.keys(headers)) if (name.toLowerCase() === 'content-length') delete headers[name];
    if (!(body instanceof Readable)) headers['content-length'] = String(body === null ? 0 : Buffer.byteLength(body));
  }
  response.writeHead(given.statusCode, given.reason, flat(headers));
  if (body instanceof Readable) await pipeline(body, response);
  else response.end(body ?? undefined);
}

function inBytes(body: ProxyResponse['body'], headers: ProxyResponse['headers']): Readable | Buffer | string | null {
  if (body === null || typeof body === 'string' || Buffer.isBuffer(body) || body instanceof Readable) return body;
  headers['content-type'] ??= 'application/json; charset=utf-8';
  return JSON.stringify(body);
}
