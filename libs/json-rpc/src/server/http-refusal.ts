import type { ServerResponse } from 'node:http';
import { strictFormat } from '../envelope/reply.js';

/** What is no JSON-RPC over HTTP at all, and gets a status that says so. */
export interface HttpRefusal {
  readonly status: number;
  readonly message: string;
  readonly headers?: readonly string[];
}

export const NO_SUCH_PATH: HttpRefusal = { status: 404, message: 'There is nothing here' };
export const NOT_POSTED: HttpRefusal = { status: 405, message: 'Calls are sent with POST', headers: ['allow', 'POST'] };
export const NOT_JSON: HttpRefusal = { status: 415, message: 'Calls are sent as application/json' };
export const TOO_LARGE: HttpRefusal = { status: 413, message: 'The request is too large' };
export const WEB_SOCKET_ONLY: HttpRefusal = {
  status: 426,
  message: 'Calls are sent over a WebSocket',
  headers: ['upgrade', 'websocket', 'connection', 'upgrade'],
};
export const FOREIGN_ORIGIN: HttpRefusal = { status: 403, message: 'Not from this origin' };
export const SHUTTING_DOWN: HttpRefusal = { status: 503, message: 'Shutting down', headers: ['retry-after', '1'] };

const INVALID_REQUEST = -32_600;
/** For the client to read why, while it still sends what nobody reads. */
const LINGER_MS = 2_000;

/** In the words of JSON-RPC, for a client that looks at the body alone. */
export function refuse(response: ServerResponse, refusal: HttpRefusal): void {
  response.end(begin(response, refusal));
}

/**
 * The connection ends here, but not before the client has had time to read why: closed in the middle of what it sends,
 * it would see nothing but a reset.
 */
export function refuseUnread(response: ServerResponse, refusal: HttpRefusal): void {
  const { req: request } = response;
  const { socket } = request;
  response.shouldKeepAlive = false;
  response.write(begin(response, refusal));
  const cut = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(cut));
  request.resume().once('end', () => response.end());
}

/** Gives the body that is to follow. */
function begin(response: ServerResponse, { status, message, headers = [] }: HttpRefusal): string {
  const body = strictFormat.error('null', JSON.stringify({ code: INVALID_REQUEST, message }));
  const length = String(Buffer.byteLength(body));
  response.writeHead(status, ['content-type', 'application/json', 'content-length', length, ...headers]);
  return body;
}
