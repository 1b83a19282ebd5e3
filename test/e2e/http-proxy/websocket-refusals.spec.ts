import { once } from 'node:events';
import { UnauthorizedException } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../support/port.js';
import { connectRaw } from '../../support/raw-connection.js';
import { startRawUpstream } from '../../support/raw-upstream.js';
import { carriers } from './support/carriers.js';
import { startGateway } from './support/gateway.js';
import { hooked } from './support/hooked.js';
import { startRecorder } from './support/recorder.js';
import { dial, echoed, opened, refusal, startSocketUpstream } from './support/websockets.js';

describe.each(carriers)('a websocket on $name', (carrier) => {
  it('that the upstream does not want gets its answer as it is', async () => {
    const upstream = await startRecorder((_request, response) =>
      response.writeHead(401, 'Who', { 'www-authenticate': 'Basic', 'content-length': 8 }).end('who? me?'),
    );
    const gateway = await startGateway({ carrier, proxies: [{ match: '/chat', upstream: upstream.origin }] });
    const { status, headers, body } = await refusal(dial(gateway.port));
    expect([status, body]).toEqual([401, 'who? me?']);
    expect(headers).toMatchObject({ 'www-authenticate': 'Basic' });
    await gateway.idle();
    expect(gateway.counts('/chat')).toMatchObject({ succeeded: 1, failed: 0 });
  });

  it('is answered 502 where the upstream is down', async () => {
    const upstream = `http://127.0.0.1:${await freePort()}`;
    const gateway = await startGateway({ carrier, proxies: [{ match: '/chat', upstream }] });
    const { status, body } = await refusal(dial(gateway.port));
    const message = 'gateway reject due to broken upstream connection.';
    expect([status, JSON.parse(body)]).toEqual([502, { code: 502, message, errors: [] }]);
    expect(gateway.counts('/chat')).toMatchObject({ failed: 1 });
  });

  it('is answered 504 where the upstream does not answer the handshake', async () => {
    const upstream = await startRawUpstream(() => {});
    const proxies = [{ match: '/chat', upstream: upstream.origin, timeoutMs: 80 }];
    const gateway = await startGateway({ carrier, proxies });
    expect(await refusal(dial(gateway.port))).toMatchObject({ status: 504 });
    await upstream.connections[0]!.ended;
    await gateway.idle();
  });

  it('is answered 503 when as many are open as may be, until one of them closes', async () => {
    const upstream = await startSocketUpstream();
    const { port } = await startGateway({
      carrier,
      maxTunnels: 1,
      proxies: [{ match: '/chat', upstream: upstream.origin }],
    });
    const first = await opened(dial(port));
    const { status, headers, body } = await refusal(dial(port));
    const message = 'gateway reject due to too many connections.';
    expect([status, JSON.parse(body)]).toEqual([503, { code: 503, message, errors: [] }]);
    expect(headers['retry-after']).toMatch(/^[1-9]\d*$/);
    expect(upstream.accepted).toHaveLength(1);
    const closed = once(await upstream.socket(), 'close');
    first.terminate();
    await closed;
    await expect.poll(() => admitted(port)).toBe(true);
  });
});

/** Whether another websocket is let in. */
async function admitted(port: number): Promise<boolean> {
  const client = dial(port);
  const open = await Promise.race([once(client, 'open').then(() => true), refusal(client).then(() => false)]);
  client.terminate();
  return open;
}

describe('a websocket', () => {
  it('is answered 404 on a listener of its own where nothing matches', async () => {
    const { port } = await startGateway({ proxies: [{ match: '/chat', upstream: 'http://127.0.0.1:1' }] });
    const { status, body } = await refusal(dial(port, '/other'));
    expect([status, JSON.parse(body).message]).toEqual([404, 'no such path.']);
  });

  it.each(['/chat/../admin', '/chat/%2e%2e'])('is answered 400 where its target climbs: %s', async (target) => {
    const upstream = await startRecorder();
    const { port } = await startGateway({ proxies: [{ match: /.*/, upstream: upstream.origin }] });
    const client = await connectRaw(port);
    const handshake =
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MTIzNDU2Nzg5MDEyMzQ1Ng==';
    await client.write(`GET ${target} HTTP/1.1\r\nHost: a\r\n${handshake}\r\n\r\n`);
    expect(await client.all()).toMatch(/^HTTP\/1\.1 400 [^]*"the request is malformed\."/);
    expect(upstream.connections()).toBe(0);
  });

  it('is answered by the hook that refuses it', async () => {
    const upstream = await startSocketUpstream();
    const beforeRequest = (): never => {
      throw new UnauthorizedException('who?');
    };
    const { port } = await startGateway({ classes: [hooked(upstream.origin, { beforeRequest })] });
    const { status, body } = await refusal(dial(port));
    expect([status, JSON.parse(body)]).toEqual([401, { code: 401, message: 'who?', errors: [] }]);
    expect(upstream.accepted).toEqual([]);
  });

  it('is sent where the hook says', async () => {
    const upstream = await startSocketUpstream();
    const beforeRequest = (request: { path: string; headers: Record<string, unknown> }): void => {
      request.path = '/rooms/7';
      request.headers['x-user'] = 'ann';
    };
    const { port } = await startGateway({ classes: [hooked(upstream.origin, { beforeRequest })] });
    expect(await echoed(await opened(dial(port)), 'hello')).toBe('hello');
    expect(upstream.accepted[0]!.request).toMatchObject({ url: '/rooms/7', headers: { 'x-user': 'ann' } });
  });

  it('that fails again and again opens the circuit', async () => {
    const upstream = `http://127.0.0.1:${await freePort()}`;
    const breaker = { minimumCalls: 2, openForMs: 60_000 };
    const { port } = await startGateway({ proxies: [{ match: '/chat', upstream, breaker }] });
    const statuses: number[] = [];
    for (let count = 0; count < 3; count++) statuses.push((await refusal(dial(port))).status);
    expect(statuses).toEqual([502, 502, 503]);
  });

  it('whose client leaves before it is open is let go', async () => {
    const upstream = await startRawUpstream(() => {});
    const gateway = await startGateway({ proxies: [{ match: '/chat', upstream: upstream.origin }] });
    const client = dial(gateway.port);
    await expect.poll(() => upstream.asked()).toBe(1);
    client.terminate();
    await upstream.connections[0]!.ended;
    await gateway.idle();
    expect(gateway.counts('/chat')).toMatchObject({ cancelled: 1 });
  });
});
