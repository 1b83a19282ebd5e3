import { Readable, Transform } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ProxyRequest, ProxyResponse } from 'sallyport/http-proxy';
import { describe, expect, it } from 'vitest';
import { startGateway } from './support/gateway.js';
import { hooked } from './support/hooked.js';
import { startRecorder } from './support/recorder.js';

const TEXT = 'gr\u00fc\u00dfe';
const UTF8 = Buffer.from(TEXT);

/** Doubles every byte. */
function doubling(): Transform {
  const transform = (chunk: Buffer, _encoding: string, done: (error: null, data: Buffer) => void): void =>
    done(null, Buffer.from([...chunk].flatMap((byte) => [byte, byte])));
  return new Transform({ transform });
}

describe('the body that beforeRequest sets', () => {
  it.each<[what: string, body: ProxyRequest['body'], sent: Buffer, length: string | undefined]>([
    ['a string', TEXT, UTF8, String(UTF8.length)],
    ['an empty string', '', Buffer.from(''), '0'],
    ['a Buffer', Buffer.from([0, 255, 10]), Buffer.from([0, 255, 10]), '3'],
    ['null', null, Buffer.from(''), '0'],
    ['a stream', Readable.from([Buffer.from('in '), Buffer.from('parts')]), Buffer.from('in parts'), undefined],
  ])('reaches the upstream with a length of its own: %s', async (_, body, sent, length) => {
    const upstream = await startRecorder();
    const beforeRequest = (request: ProxyRequest): void => void (request.body = body);
    const gateway = await startGateway({ classes: [hooked(upstream.origin, { beforeRequest })] });
    const headers = { 'content-length': '1000000' };
    const reply = await gateway.ask({ method: 'POST', path: '/x', headers, body: 'x'.repeat(1_000_000) });
    expect(reply).toMatchObject({ status: 200, body: 'ok' });
    expect(Buffer.from(upstream.last().body, 'latin1')).toEqual(sent);
    expect(upstream.last().headers['content-length']).toBe(length);
  });

  it('may be made of what the client sends', async () => {
    const upstream = await startRecorder();
    const gateway = await startGateway({
      classes: [
        hooked(upstream.origin, {
          async beforeRequest(request) {
            const { name } = JSON.parse(await text(request.body as Readable));
            request.body = JSON.stringify({ name: name.toUpperCase() });
          },
        }),
      ],
    });
    await gateway.ask({ method: 'POST', path: '/x', body: '{"name":"ann"}' });
    expect(upstream.last()).toMatchObject({ body: '{"name":"ANN"}', headers: { 'content-length': '14' } });
  });

  it('may be a stream through which the one of the client flows', async () => {
    const upstream = await startRecorder();
    const beforeRequest = (request: ProxyRequest): void => {
      request.body = (request.body as Readable).pipe(doubling());
    };
    const gateway = await startGateway({ classes: [hooked(upstream.origin, { beforeRequest })] });
    await gateway.ask({ method: 'POST', path: '/x', headers: { 'content-length': '3' }, body: 'abc' });
    expect(upstream.last().body).toBe('aabbcc');
  });

  it('can give a request one that had none', async () => {
    const upstream = await startRecorder();
    const beforeRequest = (request: ProxyRequest): void => void (request.body = 'new');
    const gateway = await startGateway({ classes: [hooked(upstream.origin, { beforeRequest })] });
    await gateway.ask({ method: 'DELETE', path: '/x' });
    expect(upstream.last()).toMatchObject({ method: 'DELETE', body: 'new', headers: { 'content-length': '3' } });
  });

  it('is the one of the client where nothing is set', async () => {
    const upstream = await startRecorder();
    const gateway = await startGateway({ classes: [hooked(upstream.origin, { beforeRequest: async () => {} })] });
    await gateway.ask({ method: 'POST', path: '/x', headers: { 'content-length': '4' }, body: 'kept' });
    expect(upstream.last()).toMatchObject({ body: 'kept', headers: { 'content-length': '4' } });
    expect(upstream.last().headers).not.toHaveProperty('transfer-encoding');
  });
});

describe('the body that afterResponse sets', () => {
  it.each<[what: string, body: ProxyResponse['body'], received: Buffer, length: string | undefined]>([
    ['a string', TEXT, UTF8, String(UTF8.length)],
    ['an empty string', '', Buffer.from(''), '0'],
    ['a Buffer', Buffer.from([0, 255, 10]), Buffer.from([0, 255, 10]), '3'],
    ['an object, as JSON', { name: TEXT }, Buffer.from(`{"name":"${TEXT}"}`), String(11 + UTF8.length)],
    ['an array, as JSON', [1, 2], Buffer.from('[1,2]'), '5'],
    ['null', null, Buffer.from(''), '0'],
    ['a stream', Readable.from([Buffer.from('in '), Buffer.from('parts')]), Buffer.from('in parts'), undefined],
  ])('reaches the client with a length of its own: %s', async (_, body, received, length) => {
    const upstream = await startRecorder((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 9 }).end('{"old":1}');
    });
    const afterResponse = (response: ProxyResponse): void => void (response.body = body);
    const gateway = await startGateway({ classes: [hooked(upstream.origin, { afterResponse })] });
    const { headers, bytes } = await gateway.ask({ path: '/x' });
    expect([bytes, headers['content-length'], headers['content-type']]).toEqual([received, length, 'application/json']);
  });

  it('may be made of what the upstream sends', async () => {
    const upstream = await startRecorder((_request, response) => response.end('{"name":"ann"}'));
    const gateway = await startGateway({
      classes: [
        hooked(upstream.origin, {
          async afterResponse(response) {
            const { name } = JSON.parse(await text(response.body as Readable));
            response.body = { name: name.toUpperCase() };
          },
        }),
      ],
    });
    const { headers, body } = await gateway.ask({ path: '/x' });
    expect([body, headers['content-length']]).toEqual([{ name: 'ANN' }, '14']);
  });

  it('may be a stream through which the one of the upstream flows', async () => {
    const upstream = await startRecorder((_request, response) => response.setHeader('content-length', 3).end('abc'));
    const afterResponse = (response: ProxyResponse): void => {
      response.body = (response.body as Readable).pipe(doubling());
    };
    const gateway = await startGateway({ classes: [hooked(upstream.origin, { afterResponse })] });
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 200, body: 'aabbcc' });
  });

  it('is the one of the upstream where nothing is set', async () => {
    const upstream = await startRecorder((_request, response) => response.setHeader('content-length', 4).end('kept'));
    const gateway = await startGateway({ classes: [hooked(upstream.origin, { afterResponse: async () => {} })] });
    const { headers, body } = await gateway.ask({ path: '/x' });
    expect([body, headers['content-length']]).toEqual(['kept', '4']);
    expect(await gateway.ask({ method: 'HEAD', path: '/x' })).toMatchObject({
      headers: { 'content-length': '4' },
      body: '',
    });
  });

  it('is not sent to a HEAD', async () => {
    const upstream = await startRecorder();
    const afterResponse = (response: ProxyResponse): void => void (response.body = 'new body');
    const gateway = await startGateway({ classes: [hooked(upstream.origin, { afterResponse })] });
    const { headers, bytes } = await gateway.ask({ method: 'HEAD', path: '/x' });
    expect([headers['content-length'], bytes.length]).toEqual(['8', 0]);
  });
});
