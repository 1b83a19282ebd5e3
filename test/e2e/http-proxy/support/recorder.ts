import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A request as an upstream saw it. */
export interface Recorded {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: string[];
  readonly body: string;
}

export interface Recorder {
  readonly origin: string;
  readonly port: number;
  readonly requests: Recorded[];
  /** How many connections it ever had. */
  connections(): number;
  last(): Recorded;
}

export type Answer = (request: Recorded, response: ServerResponse) => unknown;

const OK: Answer = (_request, response) => response.end('ok');

/** A real HTTP upstream that keeps every request it read to its end, and then answers; closed with the test. */
export async function startRecorder(answer: Answer = OK, port = 0): Promise<Recorder> {
  const requests: Recorded[] = [];
  let connections = 0;
  const server = createServer((request, response) => void record(request, response));
  const record = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => {});
    await new Promise((resolve) => request.once('close', resolve));
    if (!request.complete) return;
    const { headers, rawHeaders } = request;
    const body = Buffer.concat(chunks).toString('latin1');
    const recorded = { method: request.method!, url: request.url!, headers, rawHeaders, body };
    requests.push(recorded);
    await answer(recorded, response);
  };
  server.on('connection', () => connections++);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const bound = (server.address() as AddressInfo).port;
  const last = (): Recorded => requests.at(-1)!;
  return { origin: `http://127.0.0.1:${bound}`, port: bound, requests, connections: () => connections, last };
}
