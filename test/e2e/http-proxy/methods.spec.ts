import { describe, expect, it } from 'vitest';
import { connectRaw } from '../../support/raw-connection.js';
import { carriers } from './support/carriers.js';
import { startGateway } from './support/gateway.js';
import { startRecorder } from './support/recorder.js';

describe.each(carriers)('through $name', (carrier) => {
  it.each(['GET', 'OPTIONS', 'DELETE', 'POST', 'PUT', 'PATCH', 'TRACE', 'PROPFIND'])(
    '%s reaches the upstream without a body, and its answer comes back',
    async (method) => {
      const upstream = await startRecorder((_request, response) => response.writeHead(207).end('answer'));
      const gateway = await startGateway({ carrier, proxies: [{ match: '/*path', upstream: upstream.origin }] });
      expect(await gateway.ask({ method, path: '/x' })).toMatchObject({ status: 207, body: 'answer' });
      expect(upstream.requests).toMatchObject([{ method, url: '/x', body: '' }]);
      expect(upstream.last().headers).not.toHaveProperty('transfer-encoding');
    },
  );

  it.each(['OPTIONS', 'DELETE', 'POST', 'PUT', 'PATCH', 'GET'])(
    '%s reaches the upstream with its body',
    async (method) => {
      const upstream = await startRecorder();
      const gateway = await startGateway({ carrier, proxies: [{ match: '/*path', upstream: upstream.origin }] });
      const headers = { 'content-type': 'text/plain', 'content-length': '9' };
      expect(await gateway.ask({ method, path: '/x', headers, body: 'some body' })).toMatchObject({
        status: 200,
        body: 'ok',
      });
      expect(upstream.requests).toMatchObject([{ method, body: 'some body', headers }]);
    },
  );

  it('HEAD gets the head alone, content-length and all', async () => {
    const upstream = await startRecorder((_request, response) => response.setHeader('content-length', 1_234).end());
    const gateway = await startGateway({ carrier, proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const { status, headers, bytes } = await gateway.ask({ method: 'HEAD', path: '/x' });
    expect([status, headers['content-length'], bytes.length]).toEqual([200, '1234', 0]);
    expect(upstream.last().method).toBe('HEAD');
  });
});

it('CONNECT is refused', async () => {
  const upstream = await startRecorder();
  const gateway = await startGateway({ proxies: [{ match: /.*/, upstream: upstream.origin }] });
  const client = await connectRaw(gateway.port);
  await client.write(`CONNECT 127.0.0.1:${upstream.port} HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n`);
  expect(await client.all()).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
  expect(upstream.connections()).toBe(0);
  expect(await gateway.ask()).toMatchObject({ status: 200 });
});
