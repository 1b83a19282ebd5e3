import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer, type ClientOptions, type ServerOptions } from 'ws';

export interface SocketUpstream {
  readonly origin: string;
  /** The connections it accepted, and the handshakes they began with. */
  readonly accepted: { readonly socket: WebSocket; readonly request: IncomingMessage }[];
  /** The one with that index, as soon as there is one. */
  socket(index?: number): Promise<WebSocket>;
}

/** A real WebSocket server that echoes; closed with the test. */
export async function startSocketUpstream(options: ServerOptions = {}): Promise<SocketUpstream> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false, ...options });
  const accepted: SocketUpstream['accepted'] = [];
  server.on('connection', (socket, request) => {
    accepted.push({ socket, request });
    socket.on('error', () => {});
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
  await once(server, 'listening');
  onTestFinished(() => {
    for (const { socket } of accepted) socket.terminate();
    server.close();
  });
  const socket = async (index = 0): Promise<WebSocket> => {
    while (accepted[index] === undefined) await once(server, 'connection');
    return accepted[index].socket;
  };
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, accepted, socket };
}

/** A client whose handshake may still fail; gone with the test. */
export function dial(port: number, path = '/chat', options: ClientOptions = {}, protocols: string[] = []): WebSocket {
  const client = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, { perMessageDeflate: false, ...options });
  client.on('error', () => {});
  onTestFinished(() => client.terminate());
  return client;
}

export async function opened(client: WebSocket): Promise<WebSocket> {
  if (client.readyState !== client.OPEN) await once(client, 'open');
  return client;
}

/** What is answered in place of 101. */
export async function refusal(
  client: WebSocket,
): Promise<{ status: number; headers: IncomingMessage['headers']; body: string }> {
  const [, response] = (await once(client, 'unexpected-response')) as [unknown, IncomingMessage];
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode!, headers: response.headers, body };
}

export async function echoed(client: WebSocket, data: string | Buffer): Promise<string | Buffer> {
  client.send(data);
  const [message, binary] = (await once(client, 'message')) as [Buffer, boolean];
  return binary ? message : String(message);
}
