import type { HttpProxyCommand } from 'sallyport/http-proxy';
import { describe, expect, it, onTestFinished } from 'vitest';
import { open, response } from '../../support/ask.js';
import { startUpstream } from '../../support/port.js';
import { connectRaw } from '../../support/raw-connection.js';
import { HEAD, startRawUpstream } from '../../support/raw-upstream.js';
import { carriers } from './support/carriers.js';
import { startGateway } from './support/gateway.js';
import { hooked } from './support/hooked.js';

const TIMEOUT_MS = 400;
/** Far below the silence that is too long. */
const STEP_MS = 20;
/** In all far above it. */
const STEPS = 60;

/** Calls `step` again and again, `STEPS` times; resolves with the last. */
function trickle(step: (left: number) => void): Promise<void> {
  let left = STEPS;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      step(--left);
      if (left > 0) return;
      clearInterval(timer);
      resolve();
    }, STEP_MS);
    onTestFinished(() => clearInterval(timer));
  });
}

describe.each(carriers)('timeoutMs on $name', (carrier) => {
  it('does not end a download that moves', async () => {
    const upstream = await startRawUpstream(async (connection) => {
      await connection.receives(HEAD);
      await connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${STEPS}\r\n\r\n`);
      await trickle(() => void connection.write('.'));
    });
    const proxies = [{ match: '/*path', upstream: upstream.origin, timeoutMs: TIMEOUT_MS }];
    const gateway = await startGateway({ carrier, proxies });
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 200, body: '.'.repeat(STEPS) });
    await gateway.idle();
    expect(gateway.counts('/*path')).toMatchObject({ succeeded: 1, timedOut: 0 });
  });

  it('does not end an upload that moves', async () => {
    const upstream = await startRawUpstream(async (connection) => {
      await connection.receives(/\.{60}$/);
      await connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
    const proxies = [{ match: '/*path', upstream: upstream.origin, timeoutMs: TIMEOUT_MS }];
    const gateway = await startGateway({ carrier, proxies });
    const sent = open(gateway.port, { method: 'POST', path: '/x', headers: { 'content-length': String(STEPS) } });
    const answered = response(sent);
    await trickle((left) => void (left > 0 ? sent.write('.') : sent.end('.')));
    expect((await answered).statusCode).toBe(200);
  });

  it('cuts a download that has fallen silent: its head is out already', async () => {
    const upstream = await startRawUpstream(async (connection) => {
      await connection.receives(HEAD);
      await connection.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
    });
    const proxies = [{ match: '/*path', upstream: upstream.origin, timeoutMs: 100 }];
    const gateway = await startGateway({ carrier, proxies });
    const client = await connectRaw(gateway.port);
    await client.write('GET /x HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(await client.all()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nhalf$/);
    await upstream.connections[0]!.ended;
    await gateway.idle();
    expect(gateway.counts('/*path')).toMatchObject({ succeeded: 0, cancelled: 0 });
  });

  it('answers 408 to a client that has fallen silent in mid-upload, which says nothing of the upstream', async () => {
    const upstream = await startRawUpstream(() => {});
    const proxies = [{ match: '/*path', upstream: upstream.origin, timeoutMs: 100 }];
    const gateway = await startGateway({ carrier, proxies });
    const client = await connectRaw(gateway.port);
    await client.write('POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf');
    expect(await client.receives(/\}$/)).toMatch(/^HTTP\/1\.1 408 [^]*"the request took too long\."/);
    await upstream.connections[0]!.ended;
    await gateway.idle();
    expect(gateway.counts('/*path')).toMatchObject({ cancelled: 1, failed: 0, timedOut: 0 });
  });

  it('answers 504 to an upstream that has read an upload and then says nothing', async () => {
    const upstream = await startRawUpstream(() => {});
    const proxies = [{ match: '/*path', upstream: upstream.origin, timeoutMs: 100 }];
    const gateway = await startGateway({ carrier, proxies });
    expect(await gateway.ask({ method: 'POST', path: '/x', body: 'whole' })).toMatchObject({ status: 504 });
  });
});

it('timeoutMs: false waits for as long as it takes', async () => {
  const upstream = await startRawUpstream(async (connection) => {
    await connection.receives(HEAD);
    await trickle(() => {});
    await connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  });
  const gateway = await startGateway({
    proxies: [{ match: '/*path', upstream: upstream.origin, timeoutMs: false }],
    pools: { 'http-proxy': { timeoutMs: 100 } },
  });
  expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 200, body: 'ok' });
});

it('timeoutMs is how long an upstream may leave an upload unread', async () => {
  const upstream = await startRawUpstream(async (connection) => {
    await connection.receives(HEAD);
    connection.socket.pause();
  });
  const proxies = [{ match: '/*path', upstream: upstream.origin, timeoutMs: TIMEOUT_MS }];
  const gateway = await startGateway({ proxies });
  const sent = open(gateway.port, { method: 'POST', path: '/x', headers: { 'content-length': '200000000' } });
  const answered = response(sent);
  sent.write(Buffer.alloc(100_000_000));
  expect((await answered).statusCode).toBe(504);
  await gateway.idle();
});

it.each<[what: string, hooks: Partial<HttpProxyCommand>]>([
  ['a proxy without hooks', {}],
  ['a proxy that looks at responses', { afterResponse: () => {} }],
])('timeoutMs is how long a client may leave a download of %s unread', async (_, hooks) => {
  const origin = await startUpstream((_request, reply) => reply.end(Buffer.alloc(100_000_000)));
  const gateway = await startGateway({ classes: [hooked(origin, hooks, { timeoutMs: TIMEOUT_MS })] });
  const sent = open(gateway.port, { path: '/x' });
  sent.end();
  const message = await response(sent);
  message.pause().on('error', () => {});
  expect(gateway.snapshot().running).toBe(1);
  await gateway.idle();
  expect(gateway.counts('hooked')).toMatchObject({ succeeded: 0 });
});
