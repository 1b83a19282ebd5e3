import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Remote {
  readonly url: string;
  /** Bodies of the requests so far, parsed. */
  readonly received: any[];
  readonly requests: IncomingMessage[];
}

/** A server of somebody else: answers what `answer` gives, as text and with that status. */
export async function startRemote(
  answer: (message: any, response: ServerResponse) => unknown,
  status = 200,
): Promise<Remote> {
  const received: any[] = [];
  const requests: IncomingMessage[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const message: unknown = JSON.parse(Buffer.concat(chunks).toString());
    received.push(message);
    requests.push(request);
    const given = answer(message, response);
    if (given === undefined) return;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof given === 'string' ? given : JSON.stringify(given));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`, received, requests };
}
