import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from '../harness/listen.js';
import type { Serve } from '../harness/server.js';
import { LARGE, SMALL, UPLOAD_PATH } from './scenarios.js';

const bodies = new Map([SMALL, LARGE].map(({ path, bytes }) => [path, Buffer.alloc(bytes, 'x')]));
const taken = Buffer.alloc(SMALL.bytes, 'x');

/** Longer than a run, so that no gateway meets a connection that closes under its hands. */
const KEEP_ALIVE_MS = 600_000;

/** What stands behind every gateway: a body made beforehand, and uploads that are counted. */
export const serve: Serve = async () => {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    if (request.url === UPLOAD_PATH) return receive(request, response);
    answer(response, bodies.get(request.url ?? ''));
  });
  return { port: await listen(server) };
};

function answer(response: ServerResponse, body: Buffer | undefined): void {
  if (!body) return void response.writeHead(404).end();
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': body.length }).end(body);
}

function receive(request: IncomingMessage, response: ServerResponse): void {
  let bytes = 0;
  request.on('data', (chunk: Buffer) => (bytes += chunk.length));
  request.on('end', () => answer(response, bytes === LARGE.bytes ? taken : undefined));
}
