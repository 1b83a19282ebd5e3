import { describe, expect, it } from 'vitest';
import { connectRaw } from '../../support/raw-connection.js';
import { carriers } from './support/carriers.js';
import { startGateway } from './support/gateway.js';
import { startRecorder } from './support/recorder.js';

const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
const CHUNKED = '0\r\n\r\n';
const post = (...headers: string[]): string => ['POST /x HTTP/1.1', 'Host: a', ...headers, '', ''].join('\r\n');

const SHAPES: [what: string, request: string][] = [
  ['two lengths that differ', `${post('Content-Length: 0', 'Content-Length: 5')}hello`],
  ['two lengths that agree', `${post('Content-Length: 5', 'Content-Length: 5')}hello`],
  ['two lengths in one header', `${post('Content-Length: 5, 5')}hello`],
  ['length and chunked', post('Content-Length: 5', 'Transfer-Encoding: chunked') + CHUNKED],
  ['chunked and length', post('Transfer-Encoding: chunked', 'Content-Length: 5') + CHUNKED],
  ['length and an encoding that is not chunked', `${post('Content-Length: 5', 'Transfer-Encoding: identity')}hello`],
  ['an encoding that does not end with chunked', post('Transfer-Encoding: chunked, gzip') + CHUNKED],
  ['an encoding nobody knows', post('Transfer-Encoding: xchunked') + CHUNKED],
  ['an encoding behind a space', post('Transfer-Encoding : chunked') + CHUNKED],
  ['an encoding behind a control character', post('Transfer-Encoding:\u000bchunked') + CHUNKED],
  ['a length that is negative', post('Content-Length: -1')],
  ['a length with a sign', `${post('Content-Length: +5')}hello`],
  ['a length that is hexadecimal', `${post('Content-Length: 0x5')}hello`],
  ['a length that is empty', post('Content-Length:')],
  ['a length too large for any number', post('Content-Length: 99999999999999999999')],
  ['a folded header', post('X-Folded: a', ' b')],
  ['a folded length', `${post('Content-Length:', ' 5')}hello`],
  ['a header that begins with a space', 'GET /x HTTP/1.1\r\n Host: a\r\n\r\n'],
  ['a bare LF after a header', 'GET /x HTTP/1.1\r\nHost: a\nX-A: b\r\n\r\n'],
  ['a bare LF after the request line', 'GET /x HTTP/1.1\nHost: a\r\n\r\n'],
  ['a bare LF at the end of the head', 'GET /x HTTP/1.1\r\nHost: a\r\n\n'],
  ['a bare CR in a header', 'GET /x HTTP/1.1\r\nHost: a\r\nX-A: b\rc\r\n\r\n'],
  ['a NUL in a header', 'GET /x HTTP/1.1\r\nHost: a\r\nX-A: b\0c\r\n\r\n'],
  ['a chunk of a bad size', `${post('Transfer-Encoding: chunked')}zz\r\nhello\r\n0\r\n\r\n`],
  ['a chunk that is longer than it says', `${post('Transfer-Encoding: chunked')}3\r\nhello\r\n0\r\n\r\n`],
  ['a bare LF after a chunk size', `${post('Transfer-Encoding: chunked')}5\nhello\r\n0\r\n\r\n`],
  ['a version nobody knows', 'GET /x HTTP/9.9\r\nHost: a\r\n\r\n'],
];

describe.each(carriers)('a request on $name', (carrier) => {
  it.each(SHAPES)('is refused, and what follows it is not run: %s', async (_, request) => {
    const upstream = await startRecorder();
    const gateway = await startGateway({ carrier, proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const client = await connectRaw(gateway.port);
    await client.write(request + SMUGGLED);
    expect(await client.all()).toMatch(/^HTTP\/1\.1 (400|505) /);
    expect(client.received.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(upstream.requests).toEqual([]);
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 200 });
    expect(upstream.requests).toMatchObject([{ url: '/x' }]);
  });
});

it('a request without Host is refused', async () => {
  const upstream = await startRecorder();
  const { port } = await startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin }] });
  const client = await connectRaw(port);
  await client.write('GET /x HTTP/1.1\r\n\r\n');
  expect(await client.all()).toMatch(/^HTTP\/1\.1 400 /);
  expect(upstream.requests).toEqual([]);
});

describe('what is pipelined', () => {
  it('is answered in its order, each request by itself', async () => {
    const upstream = await startRecorder(({ url, body }, response) => response.end(`${url}${body};`));
    const { port } = await startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const client = await connectRaw(port);
    const one = 'GET /1 HTTP/1.1\r\nHost: a\r\n\r\n';
    const two = 'POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello';
    const three = 'GET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
    await client.write(one + two + three);
    const bodies = (await client.all()).match(/\/\d\w*;/g);
    expect(bodies).toEqual(['/1;', '/2hello;', '/3;']);
  });

  it('is not taken for a part of a body that was chunked', async () => {
    const upstream = await startRecorder(({ url, body }, response) => response.end(`${url}${body};`));
    const { port } = await startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const client = await connectRaw(port);
    await client.write(`${post('Transfer-Encoding: chunked')}5;ext="\u00e9"\r\nhello\r\n0\r\nX-Trailer: t\r\n\r\n`);
    await client.write('GET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect((await client.all()).match(/\/\w*;/g)).toEqual(['/xhello;', '/3;']);
    expect(upstream.requests[0]!.headers).not.toHaveProperty('x-trailer');
  });
});

it('a response cannot smuggle another one in', async () => {
  const upstream = await startRecorder(({ url }, response) => {
    if (url === '/x')
      response.socket!.write(
        'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil',
      );
    else response.end('good');
  });
  const gateway = await startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin }] });
  expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 200, body: 'ok' });
  for (let count = 0; count < 3; count++) expect(await gateway.ask({ path: '/y' })).toMatchObject({ body: 'good' });
});
