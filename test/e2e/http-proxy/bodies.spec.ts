import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { open, read, response } from '../../support/ask.js';
import { deferred } from '../../support/deferred.js';
import { startUpstream } from '../../support/port.js';
import { connectRaw } from '../../support/raw-connection.js';
import { HEAD, startRawUpstream } from '../../support/raw-upstream.js';
import { carriers } from './support/carriers.js';
import { startGateway } from './support/gateway.js';
import { startRecorder } from './support/recorder.js';

const LARGE = randomBytes(24 * 1024 * 1024);
const digest = (data: Buffer): string => createHash('sha256').update(data).digest('hex');

/** In pieces of odd sizes. */
function pieces(data: Buffer): Readable {
  const size = 65_537;
  return Readable.from(
    (function* () {
      for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
    })(),
  );
}

describe.each(carriers)('a body through $name', (carrier) => {
  it('is handed to the upstream while the client still sends it', async () => {
    const begun = deferred<IncomingMessage>();
    const origin = await startUpstream((request, reply) => {
      begun.resolve(request);
      request.on('end', () => reply.end('read'));
    });
    const { port } = await startGateway({ carrier, proxies: [{ match: '/*path', upstream: origin }] });
    const sent = open(port, { method: 'POST', path: '/x' });
    sent.write('first');
    const request = await begun.promise;
    expect(request.headers['transfer-encoding']).toBe('chunked');
    const chunks = chunksOf(request);
    expect(await chunks.next()).toMatchObject({ value: 'first' });
    sent.end('second');
    expect(await chunks.next()).toMatchObject({ value: 'second' });
    expect(await chunks.next()).toMatchObject({ done: true });
    expect(await read(await response(sent))).toMatchObject({ status: 200, body: 'read' });
  });

  it('is handed to the client while the upstream still sends it', async () => {
    const begun = deferred<ServerResponse>();
    const origin = await startUpstream((_request, reply) => {
      reply.write('first');
      begun.resolve(reply);
    });
    const { port } = await startGateway({ carrier, proxies: [{ match: '/*path', upstream: origin }] });
    const sent = open(port, { path: '/x' });
    sent.end();
    const message = await response(sent);
    const chunks = chunksOf(message);
    expect(await chunks.next()).toMatchObject({ value: 'first' });
    (await begun.promise).end('second');
    expect(await chunks.next()).toMatchObject({ value: 'second' });
    expect(await chunks.next()).toMatchObject({ done: true });
  });

  it.each(['content-length', 'transfer-encoding'])(
    'of 24 MB comes through whole both ways, framed by %s',
    async (framing) => {
      const origin = await startUpstream((request, reply) => {
        if (request.headers['content-length']) reply.setHeader('content-length', request.headers['content-length']);
        request.pipe(reply);
      });
      const gateway = await startGateway({ carrier, proxies: [{ match: '/*path', upstream: origin }] });
      const value = framing === 'content-length' ? String(LARGE.length) : 'chunked';
      const reply = await gateway.ask({
        method: 'PUT',
        path: '/x',
        headers: { [framing]: value },
        body: pieces(LARGE),
      });
      expect(reply.headers[framing]).toBe(value);
      expect(digest(reply.bytes)).toBe(digest(LARGE));
    },
  );

  it('may be followed by trailers', async () => {
    const upstream = await startRecorder((_request, reply) => {
      reply.writeHead(200, { trailer: 'X-Digest, X-Twice' }).write('body');
      reply.addTrailers([
        ['X-Digest', 'd'],
        ['X-Twice', '1'],
      ]);
      reply.end();
    });
    const gateway = await startGateway({ carrier, proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const { body, trailers } = await gateway.ask({ path: '/x', headers: { te: 'trailers' } });
    expect([body, trailers]).toEqual(['body', { 'x-digest': 'd', 'x-twice': '1' }]);
  });
});

describe('a body', () => {
  it('of a request arrives whole where trailers follow, which are neither passed on nor announced', async () => {
    const upstream = await startRecorder();
    const { port } = await startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const client = await connectRaw(port);
    await client.write('POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X-Digest\r\n\r\n');
    await client.write('4\r\nbody\r\n0\r\nX-Digest: d\r\n\r\n');
    await client.receives(/^HTTP\/1\.1 200 /);
    expect(upstream.last().body).toBe('body');
    for (const name of ['trailer', 'x-digest']) expect(upstream.last().headers).not.toHaveProperty(name);
  });

  it('of length 0 is passed on as such', async () => {
    const upstream = await startRecorder((_request, reply) => reply.setHeader('content-length', 0).end());
    const gateway = await startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const { headers } = await gateway.ask({ method: 'POST', path: '/x', headers: { 'content-length': '0' } });
    expect(headers['content-length']).toBe('0');
    expect(upstream.last().headers['content-length']).toBe('0');
    expect(upstream.last().headers).not.toHaveProperty('transfer-encoding');
  });

  it('that ends with the connection of the upstream reaches the client whole', async () => {
    const upstream = await startRawUpstream(async (connection) => {
      await connection.receives(HEAD);
      connection.end('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end');
    });
    const gateway = await startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin }] });
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 200, body: 'until the end' });
  });

  it('without a length reaches a client of HTTP/1.0 until its connection ends', async () => {
    const upstream = await startRecorder((_request, reply) => {
      reply.write('no ');
      reply.end('length');
    });
    const { port } = await startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const client = await connectRaw(port);
    await client.write('GET /x HTTP/1.0\r\nHost: a\r\n\r\n');
    const text = await client.all();
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nno length$/);
    expect(text).not.toMatch(/transfer-encoding/i);
  });

  it('is not read faster than the other side takes it', async () => {
    let written = 0;
    const server = createServer((_request, reply) => {
      const chunk = Buffer.alloc(1024 * 1024);
      const pump = (): void => {
        while (reply.write(chunk, () => (written += chunk.length)));
      };
      reply.on('drain', pump);
      pump();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void (server.closeAllConnections(), server.close()));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { port } = await startGateway({ proxies: [{ match: '/*path', upstream: origin }], graceMs: 50 });
    const sent = open(port, { path: '/x' });
    sent.end();
    const message = await response(sent);
    message.pause();
    await expect
      .poll(
        stable(() => written),
        { interval: 100, timeout: 15_000 },
      )
      .toBe(true);
    expect(written).toBeLessThan(64 * 1024 * 1024);
  });
});

/** As they arrive. */
async function* chunksOf(message: IncomingMessage): AsyncGenerator<string, void> {
  for await (const chunk of message) yield String(chunk);
}

/** Whether a number is what it was when it was last looked at. */
function stable(of: () => number): () => boolean {
  let before = -1;
  return () => {
    const now = of();
    const same = now === before;
    before = now;
    return same;
  };
}
