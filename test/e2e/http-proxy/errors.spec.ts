import { describe, expect, it } from 'vitest';
import type { Reply } from '../../support/ask.js';
import { deferred } from '../../support/deferred.js';
import { frozenPort } from '../../support/frozen-server.js';
import { freePort } from '../../support/port.js';
import { startRawUpstream } from '../../support/raw-upstream.js';
import { carriers } from './support/carriers.js';
import { startGateway } from './support/gateway.js';
import { startRecorder } from './support/recorder.js';

const BROKEN = 'gateway reject due to broken upstream connection.';

function expectError({ status, headers, body }: Reply, code: number, message: string): void {
  expect([status, body]).toEqual([code, { code, message, errors: [] }]);
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
}

function retryAfter({ headers }: Reply): number {
  expect(headers['retry-after']).toMatch(/^[1-9]\d*$/);
  return Number(headers['retry-after']);
}

describe.each(carriers)('through $name', (carrier) => {
  it('an upstream that is down is answered 502', async () => {
    const upstream = `http://127.0.0.1:${await freePort()}`;
    const gateway = await startGateway({ carrier, proxies: [{ match: '/*path', upstream }] });
    const reply = await gateway.ask({ path: '/x' });
    expectError(reply, 502, BROKEN);
    expect(reply.headers).not.toHaveProperty('retry-after');
    expect(gateway.counts('/*path')).toMatchObject({ failed: 1, succeeded: 0 });
  });

  it('an upstream that hangs is answered 504 after timeoutMs, and is let go', async () => {
    const upstream = await startRawUpstream(() => {});
    const gateway = await startGateway({
      carrier,
      proxies: [{ match: '/*path', upstream: upstream.origin, timeoutMs: 100 }],
    });
    expectError(await gateway.ask({ path: '/x' }), 504, 'gateway reject due to timeout.');
    await upstream.connections[0]!.ended;
    await gateway.idle();
    expect(gateway.counts('/*path')).toMatchObject({ timedOut: 1, failed: 0 });
  });

  it('a full pool is answered 503 with Retry-After', async () => {
    const [begun, release] = [deferred(), deferred()];
    const upstream = await startRecorder(async (_request, response) => {
      begun.resolve();
      await release.promise;
      response.end('ok');
    });
    const gateway = await startGateway({
      carrier,
      proxies: [{ match: '/*path', upstream: upstream.origin }],
      pools: { 'http-proxy': { maxConcurrent: 1, maxQueue: 0 } },
    });
    const first = gateway.ask({ path: '/x' });
    await begun.promise;
    const reply = await gateway.ask({ method: 'POST', path: '/x', body: 'more' });
    expectError(reply, 503, 'gateway reject due to too many connections.');
    expect(retryAfter(reply)).toBe(1);
    release.resolve();
    expect(await first).toMatchObject({ status: 200 });
    expect(upstream.requests).toHaveLength(1);
    expect(gateway.counts('/*path')).toMatchObject({ refused: 1, failed: 0 });
  });

  it('an open circuit is answered 503 with Retry-After', async () => {
    const upstream = `http://127.0.0.1:${await freePort()}`;
    const breaker = { minimumCalls: 1, openForMs: 90_000 };
    const gateway = await startGateway({ carrier, proxies: [{ match: '/*path', upstream, breaker }] });
    expectError(await gateway.ask({ path: '/x' }), 502, BROKEN);
    const reply = await gateway.ask({ path: '/x' });
    expectError(reply, 503, 'gateway reject due to open circuit.');
    expect([89, 90]).toContain(retryAfter(reply));
  });

  it('a HEAD has the same headers and no body', async () => {
    const upstream = `http://127.0.0.1:${await freePort()}`;
    const gateway = await startGateway({ carrier, proxies: [{ match: '/*path', upstream }] });
    const { status, headers, bytes } = await gateway.ask({ method: 'HEAD', path: '/x' });
    expect([status, headers['content-type'], bytes.length]).toEqual([502, 'application/json; charset=utf-8', 0]);
  });
});

it('a connection that is not accepted within connectTimeoutMs is answered 504, long before timeoutMs', async () => {
  const port = await frozenPort();
  const gateway = await startGateway({
    proxies: [{ match: '/*path', upstream: `http://127.0.0.1:${port}`, connectTimeoutMs: 100, timeoutMs: 25_000 }],
  });
  const { status, body } = await gateway.ask({ path: '/x' });
  expect([status, body.message]).toEqual([504, 'gateway reject due to timeout.']);
});

it('a certificate that nobody vouches for is answered 502: a plain server behind https is none at all', async () => {
  const upstream = await startRecorder();
  const gateway = await startGateway({
    proxies: [{ match: '/*path', upstream: upstream.origin.replace('http:', 'https:') }],
  });
  expectError(await gateway.ask({ path: '/x' }), 502, BROKEN);
  expect(upstream.requests).toEqual([]);
});

it('an error says nothing of who is behind the gateway', async () => {
  const port = await freePort();
  const gateway = await startGateway({ proxies: [{ match: '/*path', upstream: `http://127.0.0.1:${port}/secret` }] });
  const { rawHeaders, body } = await gateway.ask({ path: '/x' });
  const told = JSON.stringify([rawHeaders, body]);
  for (const secret of [String(port), 'secret', 'ECONN', '127.0.0.1']) expect(told).not.toContain(secret);
});
