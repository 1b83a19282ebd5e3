import { describe, expect, it } from 'vitest';
import { carriers } from '../../e2e/http-proxy/support/carriers.js';
import { startGateway } from '../../e2e/http-proxy/support/gateway.js';
import { startRecorder } from '../../e2e/http-proxy/support/recorder.js';
import { connectRaw } from '../../support/raw-connection.js';

const LARGE = 'x'.repeat(20_000);
const FITTING = 'x'.repeat(8_000);

describe.each(carriers)('a request on $name', (carrier) => {
  it.each([
    ['one header', `GET /x HTTP/1.1\r\nHost: a\r\nX-Large: ${LARGE}\r\n\r\n`],
    ['all headers together', `GET /x HTTP/1.1\r\nHost: a\r\n${`X-A: ${'b'.repeat(100)}\r\n`.repeat(400)}\r\n`],
    ['its cookies', `GET /x HTTP/1.1\r\nHost: a\r\nCookie: ${'a=b; '.repeat(4_000)}\r\n\r\n`],
    ['its target', `GET /${LARGE} HTTP/1.1\r\nHost: a\r\n\r\n`],
    ['its method', `${LARGE} / HTTP/1.1\r\nHost: a\r\n\r\n`],
  ])('is refused by Node where %s is too large', async (_, request) => {
    const upstream = await startRecorder();
    const gateway = await startGateway({ carrier, proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const client = await connectRaw(gateway.port);
    await client.write(request);
    expect(await client.all()).toMatch(/^HTTP\/1\.1 (400|414|431) /);
    expect(upstream.requests).toEqual([]);
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 200 });
  });

  it('goes through with a long target and long headers', async () => {
    const upstream = await startRecorder();
    const gateway = await startGateway({ carrier, proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const reply = await gateway.ask({ path: `/${FITTING}`, headers: { 'x-long': FITTING.slice(1_000) } });
    expect(reply.status).toBe(200);
    expect(upstream.last()).toMatchObject({ url: `/${FITTING}`, headers: { 'x-long': FITTING.slice(1_000) } });
  });

  it('gets back headers as long as its own may be', async () => {
    const upstream = await startRecorder((_request, response) => response.setHeader('x-long', FITTING).end());
    const gateway = await startGateway({ carrier, proxies: [{ match: '/*path', upstream: upstream.origin }] });
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 200, headers: { 'x-long': FITTING } });
  });
});
