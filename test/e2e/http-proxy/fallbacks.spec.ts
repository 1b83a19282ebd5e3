import { HttpException, ForbiddenException } from '@nestjs/common';
import type { HttpProxyCommand, ProxyOptions } from 'sallyport/http-proxy';
import { describe, expect, it, vi } from 'vitest';
import { deferred } from '../../support/deferred.js';
import { freePort } from '../../support/port.js';
import { HEAD, startRawUpstream } from '../../support/raw-upstream.js';
import { carriers, type Carrier } from './support/carriers.js';
import { startGateway, type RunningGateway } from './support/gateway.js';
import { hooked } from './support/hooked.js';
import { startRecorder } from './support/recorder.js';

type Fallback = NonNullable<HttpProxyCommand['fallback']>;

const CACHED = { statusCode: 203, reason: 'From Memory', headers: { 'x-from': 'memory' }, body: { users: [] } };
const cached = (): ReturnType<typeof vi.fn<Fallback>> => vi.fn<Fallback>(() => structuredClone(CACHED));

const start = (
  upstream: string,
  fallback: Fallback,
  options: Partial<ProxyOptions> = {},
  carrier?: Carrier,
): Promise<RunningGateway> => startGateway({ carrier, classes: [hooked(upstream, { fallback }, options)] });

describe.each(carriers)('a fallback on $name', (carrier) => {
  it('answers for an upstream that is down', async () => {
    const fallback = cached();
    const gateway = await start(`http://127.0.0.1:${await freePort()}`, fallback, {}, carrier);
    const { status, reason, headers, body } = await gateway.ask({ path: '/users?page=2' });
    expect([status, reason, body]).toEqual([203, 'From Memory', { users: [] }]);
    expect(headers).toMatchObject({ 'x-from': 'memory', 'content-type': expect.stringContaining('json') });
    const [error, request] = fallback.mock.lastCall!;
    expect(error).toMatchObject({ code: 'TRANSPORT_FAILED' });
    expect(request).toMatchObject({ method: 'GET', path: '/users' });
    expect(request.query.get('page')).toBe('2');
    expect(gateway.counts('hooked')).toMatchObject({ failed: 1, fallbacks: 1 });
  });
});

describe('a fallback', () => {
  it('answers for an upstream that hangs', async () => {
    const upstream = await startRawUpstream(() => {});
    const fallback = cached();
    const gateway = await start(upstream.origin, fallback, { timeoutMs: 50 });
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 203 });
    expect(fallback.mock.lastCall![0]).toMatchObject({ code: 'CALL_TIMEOUT' });
  });

  it('answers for an open circuit', async () => {
    const fallback = cached();
    const breaker = { minimumCalls: 1, openForMs: 60_000 };
    const gateway = await start(`http://127.0.0.1:${await freePort()}`, fallback, { breaker });
    for (let count = 0; count < 2; count++) expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 203 });
    expect(fallback.mock.lastCall![0]).toMatchObject({ code: 'CIRCUIT_OPEN' });
  });

  it('answers for a full pool, whatever is in the body of the request', async () => {
    const [begun, release] = [deferred(), deferred()];
    const upstream = await startRecorder(async (_request, response) => {
      begun.resolve();
      await release.promise;
      response.end('ok');
    });
    const fallback = cached();
    const gateway = await startGateway({
      classes: [hooked(upstream.origin, { fallback })],
      pools: { 'http-proxy': { maxConcurrent: 1, maxQueue: 0 } },
    });
    const first = gateway.ask({ path: '/x' });
    await begun.promise;
    const body = 'x'.repeat(100_000);
    expect(await gateway.ask({ method: 'POST', path: '/x', body })).toMatchObject({ status: 203 });
    expect(fallback.mock.lastCall![0]).toMatchObject({ code: 'BULKHEAD_FULL' });
    release.resolve();
    expect(await first).toMatchObject({ status: 200 });
  });

  it('answers for a response that afterResponse takes for a failure', async () => {
    const upstream = await startRecorder((_request, response) => response.writeHead(500).end('broken'));
    const fallback = cached();
    const afterResponse = (): void => {
      throw new Error('not good enough');
    };
    const gateway = await startGateway({ classes: [hooked(upstream.origin, { afterResponse, fallback })] });
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 203 });
    expect(fallback.mock.lastCall![0]).toMatchObject({ message: 'not good enough' });
  });

  it('is not asked about any answer of the upstream', async () => {
    const upstream = await startRecorder((_request, response) => response.writeHead(500).end('broken'));
    const fallback = cached();
    const gateway = await start(upstream.origin, fallback);
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 500, body: 'broken' });
    expect(fallback).not.toHaveBeenCalled();
  });

  it('is not asked about what a hook answered itself', async () => {
    const fallback = cached();
    const beforeRequest = (): void => {
      throw new ForbiddenException('not you');
    };
    const gateway = await startGateway({ classes: [hooked('http://127.0.0.1:1', { beforeRequest, fallback })] });
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 403 });
    expect(fallback).not.toHaveBeenCalled();
  });

  it('is not asked once the head is out', async () => {
    const upstream = await startRawUpstream(async (connection) => {
      await connection.receives(HEAD);
      connection.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
    });
    const fallback = cached();
    const gateway = await start(upstream.origin, fallback);
    await expect(gateway.ask({ path: '/x' })).rejects.toThrow('aborted');
    await gateway.idle();
    expect(fallback).not.toHaveBeenCalled();
  });

  it.each([
    ['text', Buffer.from('t\u00e9xt'), 5],
    ['bytes', Buffer.from([0, 255, 1]), 3],
  ])('may give %s', async (_, body, length) => {
    const gateway = await start(`http://127.0.0.1:${await freePort()}`, () => ({ statusCode: 200, headers: {}, body }));
    const { headers, bytes } = await gateway.ask({ path: '/x' });
    expect([headers['content-length'], bytes]).toEqual([String(length), body]);
  });

  it('may give nothing but a status, in its own time', async () => {
    const answer = deferred<{ statusCode: number; headers: object; body: null }>();
    const gateway = await start(`http://127.0.0.1:${await freePort()}`, () => answer.promise as never);
    const reply = gateway.ask({ path: '/x' });
    answer.resolve({ statusCode: 204, headers: {}, body: null });
    expect(await reply).toMatchObject({ status: 204, body: '' });
  });

  it.each([
    [new HttpException('gone for good', 410), 410, 'gone for good'],
    [new Error('secret'), 500, 'internal error.'],
  ])('that throws %s is answered as any hook that does', async (error, code, message) => {
    const gateway = await start(`http://127.0.0.1:${await freePort()}`, () => Promise.reject(error));
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: code, body: { code, message, errors: [] } });
  });
});
