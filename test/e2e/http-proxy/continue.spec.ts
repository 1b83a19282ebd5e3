import { UnauthorizedException } from '@nestjs/common';
import type { ProxyRequest } from 'sallyport/http-proxy';
import { describe, expect, it } from 'vitest';
import { deferred } from '../../support/deferred.js';
import { connectRaw, type RawConnection } from '../../support/raw-connection.js';
import { HEAD, startRawUpstream } from '../../support/raw-upstream.js';
import { carriers } from './support/carriers.js';
import { startGateway } from './support/gateway.js';
import { hooked } from './support/hooked.js';
import { startRecorder } from './support/recorder.js';

const EXPECTING = 'POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n';
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

async function expecting(port: number, head = EXPECTING): Promise<RawConnection> {
  const client = await connectRaw(port);
  await client.write(head);
  return client;
}

describe.each(carriers)('a client on $name that waits for 100', (carrier) => {
  it('is told to go on, and its body reaches the upstream', async () => {
    const upstream = await startRecorder();
    const { port } = await startGateway({ carrier, proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const client = await expecting(port);
    expect(await client.receives(HEAD)).toBe(CONTINUE);
    await client.write('body');
    expect(await client.receives(/ok$/)).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    expect(upstream.requests).toMatchObject([{ body: 'body', headers: { 'content-length': '4' } }]);
  });

  it('is not told so where it is refused', async () => {
    const { port } = await startGateway({
      carrier,
      classes: [
        hooked('http://127.0.0.1:1', { beforeRequest: () => Promise.reject(new UnauthorizedException('who?')) }),
      ],
    });
    const client = await expecting(port);
    expect(await client.receives(/\}$/)).toMatch(/^HTTP\/1\.1 401 [^]*"who\?"/);
    expect(client.received).not.toContain('100 Continue');
  });
});

describe('a client that waits for 100', () => {
  it('waits as long as its request has no slot', async () => {
    const release = deferred();
    const upstream = await startRecorder(async ({ body }, response) => {
      if (body === '') await release.promise;
      response.end('ok');
    });
    const gateway = await startGateway({
      proxies: [{ match: '/*path', upstream: upstream.origin }],
      pools: { 'http-proxy': { maxConcurrent: 1 } },
    });
    const first = gateway.ask({ path: '/x' });
    await expect.poll(() => upstream.requests.length).toBe(1);
    const client = await expecting(gateway.port);
    await expect.poll(() => gateway.snapshot().queued).toBe(1);
    expect(client.received).toBe('');
    release.resolve();
    expect(await client.receives(HEAD)).toBe(CONTINUE);
    await client.write('body');
    await client.receives(/200 OK[^]*ok$/);
    await first;
  });

  it('gets 503 alone where the pool is full', async () => {
    const release = deferred();
    const upstream = await startRecorder(async (_request, response) => {
      await release.promise;
      response.end();
    });
    const gateway = await startGateway({
      proxies: [{ match: '/*path', upstream: upstream.origin }],
      pools: { 'http-proxy': { maxConcurrent: 1, maxQueue: 0 } },
    });
    const first = gateway.ask({ path: '/x' });
    await expect.poll(() => upstream.requests.length).toBe(1);
    const client = await expecting(gateway.port);
    expect(await client.receives(/\}$/)).toMatch(/^HTTP\/1\.1 503 /);
    expect(client.received).not.toContain('100 Continue');
    release.resolve();
    await first;
  });

  it('gets 404 alone where nothing matches', async () => {
    const { port } = await startGateway({ proxies: [] });
    const client = await expecting(port);
    expect(await client.receives(/\}$/)).toMatch(/^HTTP\/1\.1 404 /);
    expect(client.received).not.toContain('100 Continue');
  });

  it('gets the answer of an upstream that does not want the body', async () => {
    const upstream = await startRawUpstream(async (connection) => {
      await connection.receives(/bo$/);
      connection.end('HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig');
    });
    const { port } = await startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const client = await expecting(port);
    await client.receives(HEAD);
    await client.write('bo');
    expect(await client.receives(/big$/)).toMatch(/HTTP\/1\.1 413 Too Large\r\n/);
  });

  it('is not made to wait by an upstream that says 100 by itself', async () => {
    const upstream = await startRecorder();
    const { port } = await startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const client = await expecting(port);
    await client.receives(HEAD);
    await client.write('body');
    await client.receives(/ok$/);
    expect(client.received.match(/100 Continue/g)).toHaveLength(1);
    expect(upstream.last().headers).not.toHaveProperty('expect');
  });

  it('gets 417 or its answer, and no 100, where it expects something else', async () => {
    const upstream = await startRecorder();
    const { port } = await startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const client = await expecting(
      port,
      'POST /x HTTP/1.1\r\nHost: a\r\nExpect: wonders\r\nContent-Length: 4\r\n\r\nbody',
    );
    expect(await client.receives(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 (417|200) /);
  });

  it.each([
    ['a hook sends another body', { beforeRequest: (request: ProxyRequest) => void (request.body = 'new') }, 'ok'],
    ['a hook answers', { beforeRequest: () => Promise.reject(new UnauthorizedException()) }, 'Unauthorized'],
    [
      'a fallback answers',
      { beforeRequest: failing, fallback: () => ({ statusCode: 200, headers: {}, body: 'mem' }) },
      'mem',
    ],
  ])('is not taken for one that has sent its body, where nobody wanted that: %s', async (_, hooks, body) => {
    const upstream = await startRecorder();
    const { port } = await startGateway({ classes: [hooked(upstream.origin, hooks)] });
    const client = await expecting(port);
    await client.receives(new RegExp(body));
    expect(client.received).not.toContain('100 Continue');
    await client.write('GET /next HTTP/1.1\r\nHost: a\r\n\r\n');
    await Promise.race([client.ended, client.receives(/HTTP\/1\.1[^]*HTTP\/1\.1/)]);
    expect(client.received).toMatch(/^HTTP\/1\.1 [^]*(\r\nConnection: close\r\n|HTTP\/1\.1 )/i);
  });
});

function failing(): never {
  throw new Error('no');
}
