import type { CallContext } from 'sallyport';
import type { ProxyRequest, ProxyResponse } from 'sallyport/http-proxy';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../support/port.js';
import { HEAD, startRawUpstream } from '../../support/raw-upstream.js';
import { startGateway, type RunningGateway } from './support/gateway.js';
import { hooked } from './support/hooked.js';
import { startRecorder, type Recorder } from './support/recorder.js';

const retry = { attempts: 3, backoffMs: 1, jitter: false };
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

const start = (upstream: string): Promise<RunningGateway> =>
  startGateway({ proxies: [{ match: '/*path', upstream, retry }] });

describe('a proxy with retries', () => {
  it.each(['GET', 'PUT', 'DELETE', 'HEAD'])(
    'repeats %s without a body on any failure of the upstream',
    async (method) => {
      const upstream = await startRawUpstream(async (connection, index) => {
        await connection.receives(HEAD);
        if (index < 2) connection.reset();
        else await connection.write(OK);
      });
      const gateway = await start(upstream.origin);
      expect(await gateway.ask({ method, path: '/x' })).toMatchObject({ status: 200 });
      expect(upstream.asked()).toBe(3);
      expect(gateway.counts('/*path')).toMatchObject({ retries: 2 });
    },
  );

  it('gives up after so many attempts', async () => {
    const upstream = await startRawUpstream(async (connection) => {
      await connection.receives(HEAD);
      connection.reset();
    });
    const gateway = await start(upstream.origin);
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 502 });
    expect(upstream.asked()).toBe(3);
  });

  it.each([
    ['POST', undefined],
    ['PATCH', undefined],
    ['POST', 'body'],
    ['PUT', 'body'],
  ])('does not repeat %s with body %s, once the upstream has been reached', async (method, body) => {
    const upstream = await startRawUpstream(async (connection) => {
      await connection.receives(body === undefined ? HEAD : /body$/);
      connection.reset();
    });
    const gateway = await start(upstream.origin);
    expect(await gateway.ask({ method, path: '/x', body })).toMatchObject({ status: 502 });
    expect(upstream.asked()).toBe(1);
  });

  it.each([
    ['POST', 'a body that is still whole'],
    ['PUT', 'a body that is still whole'],
    ['POST', undefined],
  ])('repeats %s with body %s where the upstream was never reached', async (method, body) => {
    const port = await freePort();
    const gateway = await startGateway({
      proxies: [
        { match: '/*path', upstream: `http://127.0.0.1:${port}`, retry: { ...retry, attempts: 2, backoffMs: 500 } },
      ],
    });
    let upstream: Promise<Recorder> | undefined;
    gateway.telemetry.on('callRetried', () => (upstream = startRecorder(undefined, port)));
    expect(await gateway.ask({ method, path: '/x', body })).toMatchObject({ status: 200 });
    expect((await upstream!).requests).toMatchObject([{ method, body: body ?? '' }]);
  });

  it('does not repeat what was answered, whatever the answer', async () => {
    const upstream = await startRecorder((_request, response) => response.writeHead(503).end());
    const gateway = await start(upstream.origin);
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 503 });
    expect(upstream.requests).toHaveLength(1);
  });

  it('never repeats once the head of the response is out', async () => {
    const upstream = await startRawUpstream(async (connection) => {
      await connection.receives(HEAD);
      connection.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
    });
    const gateway = await start(upstream.origin);
    await expect(gateway.ask({ path: '/x' })).rejects.toThrow('aborted');
    await gateway.idle();
    expect(upstream.asked()).toBe(1);
  });

  it('does not repeat a timeout', async () => {
    const upstream = await startRawUpstream(() => {});
    const gateway = await startGateway({
      proxies: [{ match: '/*path', upstream: upstream.origin, retry, timeoutMs: 80 }],
    });
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 504 });
    expect(upstream.asked()).toBe(1);
  });

  it('repeats what `when` asks for, and nothing else', async () => {
    const upstream = await startRawUpstream(async (connection) => {
      await connection.receives(HEAD);
      connection.reset();
    });
    const when = (): boolean => false;
    const gateway = await startGateway({
      proxies: [{ match: '/*path', upstream: upstream.origin, retry: { ...retry, when } }],
    });
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 502 });
    expect(upstream.asked()).toBe(1);
  });

  it('repeats what afterResponse takes for a failure', async () => {
    const upstream = await startRecorder((_request, response) => {
      response.writeHead(upstream.requests.length < 3 ? 500 : 200).end('x'.repeat(100_000));
    });
    const afterResponse = ({ statusCode }: ProxyResponse): void => {
      if (statusCode === 500) throw new Error('not good enough');
    };
    const gateway = await startGateway({ classes: [hooked(upstream.origin, { afterResponse }, { retry })] });
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 200 });
    expect(upstream.requests).toHaveLength(3);
    expect(gateway.counts('hooked')).toMatchObject({ retries: 2 });
  });

  it('asks beforeRequest for each attempt, about the request as it came', async () => {
    const upstream = await startRawUpstream(async (connection, index) => {
      await connection.receives(HEAD);
      if (index < 2) connection.reset();
      else await connection.write(OK);
    });
    const attempts: number[] = [];
    const beforeRequest = (request: ProxyRequest, { attempt }: CallContext): void => {
      attempts.push(attempt);
      request.path += '/more';
    };
    const gateway = await startGateway({ classes: [hooked(upstream.origin, { beforeRequest }, { retry })] });
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 200 });
    expect(attempts).toEqual([1, 2, 3]);
    expect(upstream.connections[2]!.received).toMatch(/^GET \/x\/more HTTP/);
  });
});
