import { Agent } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectRaw } from '../../support/raw-connection.js';
import { Echo } from './support/echo.js';
import { open, post, responseTo } from './support/post.js';
import { carriers, fastify, startService } from './support/service.js';

const call = { jsonrpc: '2.0', method: 'echo', params: [1], id: 1 };
const answered = { jsonrpc: '2.0', result: [1], id: 1 };
const providers = [Echo];

describe.each(carriers)('JSON-RPC over HTTP on $name', (carrier) => {
  it('answers every call with 200, whatever comes of it', async () => {
    const { port } = await startService({ carrier, providers });
    expect(await post(port, call)).toMatchObject({ status: 200, body: answered });
    expect(await post(port, { ...call, method: 'fails' })).toMatchObject({
      status: 200,
      text: '{"jsonrpc":"2.0","error":{"code":-32603,"message":"Internal error"},"id":1}',
    });
    expect(await post(port, '{')).toMatchObject({ status: 200, body: { error: { code: -32_700 } } });
  });

  it('says what it answers with', async () => {
    const { port } = await startService({ carrier, providers });
    const { headers, text } = await post(port, { ...call, params: ['ü'] });
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'content-length': '40' });
    expect(text).toBe('{"jsonrpc":"2.0","result":["ü"],"id":1}');
  });

  it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON', 'application/json-rpc'])(
    'takes %s',
    async (type) => {
      const { port } = await startService({ carrier, providers });
      expect(await post(port, call, { headers: { 'content-type': type } })).toMatchObject({ body: answered });
    },
  );

  it.each(['text/plain', 'application/jsonp', 'application/x-www-form-urlencoded', ''])(
    'refuses "%s" with 415',
    async (type) => {
      const { port } = await startService({ carrier, providers });
      const { status, body } = await post(port, call, { headers: { 'content-type': type } });
      expect([status, body.error.code, body.id]).toEqual([415, -32_600, null]);
    },
  );

  it('refuses a body that is compressed with 415', async () => {
    const { port } = await startService({ carrier, providers });
    const headers = { 'content-encoding': 'gzip' };
    expect(await post(port, gzipSync(JSON.stringify(call)), { headers })).toMatchObject({ status: 415 });
  });

  it.each(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])(
    'refuses %s with 405, and says what it allows',
    async (method) => {
      const { port } = await startService({ carrier, providers });
      expect(await post(port, undefined, { method })).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    },
  );

  it('answers 204 to a notification, and at once', async () => {
    const { port, app } = await startService({ carrier, providers });
    const { status, text } = await post(port, { jsonrpc: '2.0', method: 'wait' });
    expect([status, text]).toEqual([204, '']);
    await app.get(Echo).begun.promise;
    app.get(Echo).finish.resolve('done');
  });

  it('answers 204 to a batch of notifications, whatever they ask for', async () => {
    const { port, app } = await startService({ carrier, providers });
    const batch = [
      { jsonrpc: '2.0', method: 'echo', params: ['seen'] },
      { jsonrpc: '2.0', method: 'nobody' },
      { jsonrpc: '2.0', method: 'secret' },
      { jsonrpc: '2.0', method: 'fails' },
    ];
    expect(await post(port, batch)).toMatchObject({ status: 204, text: '' });
    await expect.poll(() => app.get(Echo).seen).toEqual(['seen']);
  });

  it('refuses 10 MB with 413, also where nobody said how much it would be, and goes on', async () => {
    const { port } = await startService({ carrier, providers });
    const large = Buffer.alloc(10_485_760, ' ');
    const declared = await post(port, large);
    const chunked = await post(port, large, { headers: { 'transfer-encoding': 'chunked' } });
    for (const { status, headers, body } of [declared, chunked]) {
      expect([status, headers.connection, body.error.code]).toEqual([413, 'close', -32_600]);
    }
    expect(await post(port, call)).toMatchObject({ body: answered });
  });

  it('takes a body of exactly as much as there may be', async () => {
    const { port } = await startService({ carrier, providers, options: { maxBodyBytes: 1_000 } });
    const text = JSON.stringify(call).padEnd(1_000);
    expect(await post(port, text)).toMatchObject({ body: answered });
    expect(await post(port, `${text} `)).toMatchObject({ status: 413 });
    expect(await post(port, `${text} `, { headers: { 'transfer-encoding': 'chunked' } })).toMatchObject({
      status: 413,
    });
  });

  it('takes a body that comes in pieces', async () => {
    const { port } = await startService({ carrier, providers });
    const sent = open(port);
    const text = Buffer.from(JSON.stringify({ ...call, params: ['grüße 🌍'] }));
    for (const byte of text) sent.write(Buffer.from([byte]));
    sent.end();
    expect(await responseTo(sent)).toMatchObject({ body: { result: ['grüße 🌍'] } });
  });

  it('says to go on where the client asks before it sends', async () => {
    const { port } = await startService({ carrier, providers });
    const sent = open(port, { headers: { expect: '100-continue' } });
    sent.once('continue', () => sent.end(JSON.stringify(call)));
    sent.flushHeaders();
    expect(await responseTo(sent)).toMatchObject({ body: answered });
    const tooLarge = open(port, { headers: { expect: '100-continue', 'content-length': '99999999' } });
    tooLarge.flushHeaders();
    expect(await responseTo(tooLarge)).toMatchObject({ status: 413 });
  });

  it('keeps the connection, also after what it refused', async () => {
    const { port } = await startService({ carrier, providers });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const ports: unknown[] = [];
    agent.on('free', (socket) => ports.push(socket.localPort));
    await post(port, call, { agent });
    await post(port, call, { agent, headers: { 'content-type': 'text/plain' } });
    await post(port, undefined, { agent, method: 'GET' });
    await post(port, [{ jsonrpc: '2.0', method: 'echo' }], { agent });
    expect(await post(port, call, { agent })).toMatchObject({ body: answered });
    await expect.poll(() => ports.length).toBe(5);
    expect(new Set(ports).size).toBe(1);
  });

  it('answers requests that come on one connection without waiting, in their order', async () => {
    const { port } = await startService({ carrier, providers });
    const connection = await connectRaw(port);
    const text = (id: number): string => {
      const body = JSON.stringify({ ...call, id });
      const head = `POST /api HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
      return `${head}\r\n\r\n${body}`;
    };
    await connection.write(text(1) + text(2) + text(3));
    expect(await connection.receives(/"id":3}/)).toMatch(/"id":1}[^]*"id":2}[^]*"id":3}/);
  });

  it('is on its path alone, whatever the query', async () => {
    const { port } = await startService({ carrier, providers, options: { path: '/rpc/v1' } });
    expect(await post(port, call, { path: '/rpc/v1?x=1' })).toMatchObject({ body: answered });
    for (const path of ['/', '/rpc/v1/', '/rpc/v12', '/rpc', '/rpc/v1#x', '//rpc/v1']) {
      expect((await post(port, call, { path })).status).toBe(404);
    }
  });

  it('aborts a call when its client is gone, and no other', async () => {
    const { port, app } = await startService({ carrier, providers });
    const sent = open(port);
    sent.end(JSON.stringify([{ ...call, method: 'wait' }]));
    const { begun, aborted, finish } = app.get(Echo);
    await begun.promise;
    const other = post(port, { ...call, method: 'wait', id: 2 });
    sent.destroy();
    expect(await aborted.promise).toMatchObject({ code: 'CALL_CANCELLED' });
    finish.resolve('done');
    expect(await other).toMatchObject({ body: { result: 'done', id: 2 } });
  });
});

describe('JSON-RPC beside the rest of an app', () => {
  it('is ahead of its body parsers, and leaves other paths to it', async () => {
    const { port } = await startService({
      carrier: fastify,
      providers,
      prepare: (app) =>
        app.use((_: unknown, response: { statusCode: number; end(): void }) => {
          response.statusCode = 418;
          response.end();
        }),
    });
    expect(await post(port, call)).toMatchObject({ body: answered });
    expect(await post(port, call, { path: '/else' })).toMatchObject({ status: 418 });
  });
});
