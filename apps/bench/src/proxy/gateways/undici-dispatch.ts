import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Dispatcher, Pool } from 'undici';
import { listen } from '../../harness/listen.js';
import type { Serve } from '../../harness/server.js';

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The least that a gateway on undici does: raw headers without the hop-by-hop ones, backpressure, abort. */
export const serve: Serve = async (upstream) => {
  const pool = new Pool(upstream);
  return { port: await listen(createServer((request, response) => forward(pool, request, response))) };
};

function forward(pool: Pool, request: IncomingMessage, response: ServerResponse): void {
  const { method, url, headers, rawHeaders } = request;
  const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
  const options: Dispatcher.DispatchOptions = {
    method: method as Dispatcher.HttpMethod,
    path: url!,
    headers: passedOn(rawHeaders, 'host'),
    body: hasBody ? request : null,
  };
  pool.dispatch(options, relayTo(response));
}

function relayTo(response: ServerResponse): Dispatcher.DispatchHandler {
  return {
    onConnect(abort) {
      response.on('close', () => response.writableFinished || abort());
    },
    onHeaders(statusCode, rawHeaders, resume, statusText) {
      if (statusCode < 200) return true;
      response.writeHead(statusCode, statusText, passedOn(rawHeaders.map((header) => header.toString('latin1'))));
      response.on('drain', resume);
      return true;
    },
    onData: (chunk) => response.write(chunk),
    onComplete: () => void response.end(),
    onError() {
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    },
  };
}

function passedOn(rawHeaders: readonly string[], alsoDropped = ''): string[] {
  const kept: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!.toLowerCase();
    if (name !== alsoDropped && !HOP_BY_HOP.has(name)) kept.push(rawHeaders[index]!, rawHeaders[index + 1]!);
  }
  return kept;
}
