import { ServerResponse, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { HttpFront } from './http-front.js';

/**
 * Takes the handshakes that are for us. From then on Node gives this server every request with an `Upgrade` header
 * here: what is for nobody, or to another protocol than WebSocket, goes on as the request it also is (RFC 9110 §7.8).
 */
export function takeUpgrades(server: Server, front: HttpFront): void {
  const others = server.listeners('upgrade') as ((...args: unknown[]) => void)[];
  server.removeAllListeners('upgrade');
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const webSocket = request.headers.upgrade?.toLowerCase() === 'websocket';
    const laterOnes = server.listeners('upgrade').length > 1;
    const ours = front.knows(request);
    if (!ours && (others.length > 0 || laterOnes)) {
      for (const listener of others) listener.call(server, request, socket, head);
      return;
    }
    const response = answering(request, socket as Socket);
    if (webSocket && front.tunnel(request, response, socket, head)) return;
    server.emit('request', request, response);
  });
}

/** A response on a socket that Node has let go of; the socket ends with it. */
function answering(request: IncomingMessage, socket: Socket): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => socket.destroySoon());
  return response;
}
