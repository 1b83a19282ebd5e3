import { describe, expect, it } from 'vitest';
import { Agent } from 'node:http';
import { onTestFinished } from 'vitest';
import { connectRaw } from '../../support/raw-connection.js';
import { HEAD, startRawUpstream } from '../../support/raw-upstream.js';
import { carriers } from './support/carriers.js';
import { startGateway } from './support/gateway.js';
import { startRecorder } from './support/recorder.js';

const H2C = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQAAP__' };

describe.each(carriers)('an Upgrade on $name to anything but websocket', (carrier) => {
  it.each(['h2c', 'TLS/1.0, HTTP/1.1', 'websocket2', 'h2c, websocket'])(
    'is dropped, and the request proxied: %s',
    async (upgrade) => {
      const upstream = await startRecorder();
      const gateway = await startGateway({ carrier, proxies: [{ match: '/*path', upstream: upstream.origin }] });
      expect(await gateway.ask({ path: '/x', headers: { ...H2C, upgrade } })).toMatchObject({
        status: 200,
        body: 'ok',
      });
      const { headers } = upstream.last();
      for (const name of ['upgrade', 'http2-settings']) expect(headers).not.toHaveProperty(name);
      expect(headers.connection).not.toMatch(/upgrade|http2/i);
    },
  );

  it('takes nothing away from the body', async () => {
    const upstream = await startRecorder();
    const gateway = await startGateway({ carrier, proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const reply = await gateway.ask({ method: 'POST', path: '/x', headers: H2C, body: 'b'.repeat(300_000) });
    expect(reply).toMatchObject({ status: 200, body: 'ok' });
    expect(upstream.last().body).toHaveLength(300_000);
  });

  it('does not keep the connection from being used again', async () => {
    const upstream = await startRecorder();
    const gateway = await startGateway({ carrier, proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const client = await connectRaw(gateway.port);
    await client.write('GET /1 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
    await client.receives(/ok$/);
    await client.write('GET /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect((await client.all()).match(/200 OK/g)).toHaveLength(2);
    expect(upstream.requests.map(({ url }) => url)).toEqual(['/1', '/2']);
  });
});

it('a websocket that is asked for with another method is an ordinary request', async () => {
  const upstream = await startRecorder();
  const gateway = await startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin }] });
  const headers = { connection: 'Upgrade', upgrade: 'websocket', 'content-length': '4' };
  expect(await gateway.ask({ method: 'POST', path: '/x', headers, body: 'body' })).toMatchObject({ status: 200 });
  expect(upstream.last()).toMatchObject({ method: 'POST', body: 'body' });
  expect(upstream.last().headers).not.toHaveProperty('upgrade');
});

it('an upstream that switches protocols unasked is answered 502', async () => {
  const upstream = await startRawUpstream(async (connection) => {
    await connection.receives(HEAD);
    await connection.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nanything');
  });
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const gateway = await startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin }] });
  expect(await gateway.ask({ path: '/x', agent })).toMatchObject({ status: 502 });
  await gateway.idle();
});
