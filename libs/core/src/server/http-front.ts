import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** What stands in front of an HTTP server and takes the requests that are for it. */
export interface HttpFront {
  /** False: the request is nobody's here. */
  accept(request: IncomingMessage, response: ServerResponse): boolean;
  /** The same on a listener where nobody else would answer. */
  serve(request: IncomingMessage, response: ServerResponse): void;
  /** Whether a handshake is for it. */
  knows(request: IncomingMessage): boolean;
  /** False: the handshake is nobody's here. `response` speaks on the socket until it is switched to another protocol. */
  tunnel(request: IncomingMessage, response: ServerResponse, socket: Duplex, head: Buffer): boolean;
}
