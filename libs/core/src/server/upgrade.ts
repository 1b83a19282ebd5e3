import { ServerResponse, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { HttpFront } from './http-front.js';

type Listener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/**
 * Takes the handshakes that are for us. From then on Node hands every request with an `Upgrade` header over here: what
 * is for nobody, or to another protocol than WebSocket, goes on as the request it also is (RFC 9110 §7.8).
 */
export function takeUpgrades(server: Server, front: HttpFront): void {
  const others = server.listeners('upgrade') as Listener[];
  server.removeAllListeners('upgrade');
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const ours = front.knows(request);
    if (ours && isWebSocket(request)) {
      front.tunnel(request, answering(request, socket as Socket), socket, head);
      return;
    }
    for (const listener of others) if (!ours) listener.call(server, request, socket, head);
    const nobody = others.length === 0 && server.listenerCount('upgrade') === 1;
    if (ours || nobody) serveWithout(server, request, socket, head);
  });
}

function isWebSocket({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';
}

/** A response on a socket that Node has let go of; the socket ends with it. */
function answering(request: IncomingMessage, socket: Socket): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => socket.destroySoon());
  return response;
}

/** As if the header had not been there: the server reads the request once more, with its body and what comes after. */
function serveWithout(server: Server, request: IncomingMessage, socket: Duplex, rest: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]!.toLowerCase() !== 'upgrade') lines.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`);
  }
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  socket.unshift(rest.length === 0 ? head : Buffer.concat([head, rest]));
  server.emit('connection', socket);
}
