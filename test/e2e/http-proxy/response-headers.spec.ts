import { describe, expect, it } from 'vitest';
import { gzipSync } from 'node:zlib';
import { valuesOf } from '../../support/ask.js';
import { HEAD, startRawUpstream } from '../../support/raw-upstream.js';
import { carriers } from './support/carriers.js';
import { startGateway } from './support/gateway.js';
import { startRecorder } from './support/recorder.js';

describe.each(carriers)('a response through $name', (carrier) => {
  it('keeps several Set-Cookie apart, and every other repeated header, in their order', async () => {
    const head = [
      'Set-Cookie',
      'a=1; Path=/',
      'X-B',
      '1',
      'Set-Cookie',
      'b=2, 3',
      'X-B',
      '2',
      'Vary',
      'a',
      'vary',
      'b',
    ];
    const upstream = await startRecorder((_request, response) => response.writeHead(200, head).end());
    const gateway = await startGateway({ carrier, proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const { rawHeaders } = await gateway.ask({ path: '/x' });
    expect(valuesOf(rawHeaders, 'set-cookie')).toEqual(['a=1; Path=/', 'b=2, 3']);
    expect(valuesOf(rawHeaders, 'x-b')).toEqual(['1', '2']);
    expect(valuesOf(rawHeaders, 'vary')).toEqual(['a', 'b']);
  });

  it.each([200, 201, 299, 404, 418, 500, 503, 599])('keeps its status and reason: %s', async (status) => {
    const upstream = await startRecorder((_request, response) => response.writeHead(status, 'Just So').end('told'));
    const gateway = await startGateway({ carrier, proxies: [{ match: '/*path', upstream: upstream.origin }] });
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status, reason: 'Just So', body: 'told' });
  });

  it.each([301, 302, 303, 307, 308])('is passed on and not followed where it redirects: %s', async (status) => {
    const location = '/elsewhere?x=1#there';
    const upstream = await startRecorder((_request, response) => response.writeHead(status, { location }).end('gone'));
    const gateway = await startGateway({ carrier, proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const reply = await gateway.ask({ method: 'POST', path: '/x', body: 'once' });
    expect(reply).toMatchObject({ status, headers: { location }, body: 'gone' });
    expect(upstream.requests).toHaveLength(1);
  });

  it('is 304 without a body, the conditions of the request having reached the upstream', async () => {
    const etag = '"v1"';
    const upstream = await startRecorder((_request, response) => response.writeHead(304, { etag }).end());
    const gateway = await startGateway({ carrier, proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const { status, headers, bytes } = await gateway.ask({ path: '/x', headers: { 'if-none-match': etag } });
    expect([status, headers.etag, bytes.length]).toEqual([304, etag, 0]);
    expect(headers).not.toHaveProperty('transfer-encoding');
    expect(upstream.last().headers).toMatchObject({ 'if-none-match': etag });
  });

  it('is 304 with the length of what was not sent', async () => {
    const upstream = await startRawUpstream(async (connection) => {
      await connection.receives(HEAD);
      await connection.write('HTTP/1.1 304 Not Modified\r\nContent-Length: 1234\r\nETag: "v1"\r\n\r\n');
    });
    const gateway = await startGateway({ carrier, proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const { status, headers, bytes } = await gateway.ask({ path: '/x' });
    expect([status, headers['content-length'], bytes.length]).toEqual([304, '1234', 0]);
  });

  it('is 204 without a body and without a length', async () => {
    const upstream = await startRecorder((_request, response) => response.writeHead(204).end());
    const gateway = await startGateway({ carrier, proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const { status, headers, bytes } = await gateway.ask({ method: 'DELETE', path: '/x' });
    expect([status, bytes.length]).toEqual([204, 0]);
    for (const name of ['content-length', 'transfer-encoding']) expect(headers).not.toHaveProperty(name);
  });

  it('keeps its content-encoding and its bytes', async () => {
    const packed = gzipSync('unpacked by the client alone');
    const encoding = { 'content-encoding': 'gzip', 'content-length': packed.length };
    const upstream = await startRecorder((_request, response) => response.writeHead(200, encoding).end(packed));
    const gateway = await startGateway({ carrier, proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const { headers, bytes } = await gateway.ask({ path: '/x', headers: { 'accept-encoding': 'gzip' } });
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', 'content-length': String(packed.length) });
    expect(bytes).toEqual(packed);
    expect(upstream.last().headers).toMatchObject({ 'accept-encoding': 'gzip' });
  });
});

describe('the headers of a response', () => {
  it('lose what is meant for the next hop alone, and what Connection names', async () => {
    const upstream = await startRawUpstream(async (connection) => {
      await connection.receives(HEAD);
      const hop = 'Connection: close, X-Secret\r\nX-Secret: s\r\nKeep-Alive: timeout=99\r\nProxy-Connection: close\r\n';
      connection.end(
        `HTTP/1.1 200 OK\r\n${hop}Upgrade: h2c\r\nProxy-Authenticate: Basic\r\nX-Kept: k\r\nContent-Length: 2\r\n\r\nok`,
      );
    });
    const gateway = await startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const { headers, body } = await gateway.ask({ path: '/x' });
    expect(body).toBe('ok');
    expect(headers).toMatchObject({ 'x-kept': 'k', 'content-length': '2' });
    expect(headers['keep-alive']).not.toBe('timeout=99');
    for (const name of ['x-secret', 'proxy-connection', 'upgrade', 'proxy-authenticate']) {
      expect(headers).not.toHaveProperty(name);
    }
  });

  it('keep those of the upstream that the gateway could say itself', async () => {
    const own = { server: 'theirs', date: 'Thu, 01 Jan 1970 00:00:00 GMT', etag: 'W/"1"', 'cache-control': 'no-store' };
    const upstream = await startRecorder((_request, response) => response.writeHead(200, own).end('ok'));
    const gateway = await startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const { headers, rawHeaders } = await gateway.ask({ path: '/x' });
    expect(headers).toMatchObject(own);
    expect(valuesOf(rawHeaders, 'date')).toEqual([own.date]);
  });

  it('say in Via who passed them on', async () => {
    const upstream = await startRecorder((_request, response) => response.writeHead(200, { via: '1.0 fred' }).end());
    const gateway = await startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin }] });
    expect(valuesOf((await gateway.ask({ path: '/x' })).rawHeaders, 'via').join(', ')).toBe('1.0 fred, 1.1 sallyport');
  });

  it('carry bytes above ASCII unharmed, but in a reason, which is the usual one then', async () => {
    const upstream = await startRawUpstream(async (connection) => {
      await connection.receives(HEAD);
      connection.end('HTTP/1.1 201 Tr\u00e8s bien\r\nX-Name: caf\u00e9\r\nContent-Length: 0\r\n\r\n');
    });
    const gateway = await startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin }] });
    expect(await gateway.ask({ path: '/x' })).toMatchObject({
      reason: 'Created',
      headers: { 'x-name': 'caf\u00e9' },
    });
  });
});
