import type { ProxyRequest } from 'sallyport/http-proxy';
import { describe, expect, it } from 'vitest';
import { startGateway } from './support/gateway.js';
import { hooked } from './support/hooked.js';
import { startRecorder, type Recorder } from './support/recorder.js';

type Change = (request: ProxyRequest, evil: Recorder) => ProxyRequest | void;

async function redirected(
  change: Change,
  allowed = false,
): Promise<{ status: number; body: unknown; evil: Recorder; upstream: Recorder }> {
  const [evil, upstream] = [await startRecorder(), await startRecorder()];
  const allowedUpstreams = ['http://127.0.0.1:1', ...(allowed ? [evil.origin] : [])];
  const beforeRequest = (request: ProxyRequest): ProxyRequest | void => change(request, evil);
  const gateway = await startGateway({ classes: [hooked(upstream.origin, { beforeRequest }, { allowedUpstreams })] });
  const { status, body } = await gateway.ask({ path: '/x?y=1' });
  return { status, body, evil, upstream };
}

describe('a hook that sends a request elsewhere', () => {
  it.each<[what: string, change: Change]>([
    ['another url', (request, { origin }) => void (request.url = new URL('/stolen', origin))],
    [
      'another url, in a request of its own',
      (request, { origin }) => ({ ...request, url: new URL('/stolen', origin) }),
    ],
    ['another port', (request, { port }) => void (request.url.port = String(port))],
    ['another host', (request, { port }) => void (request.url.host = `localhost:${port}`)],
    ['another protocol', (request) => void (request.url = new URL('ftp://127.0.0.1/'))],
  ])('is answered 502, and nobody is asked: %s', async (_, change) => {
    const { status, body, evil, upstream } = await redirected(change);
    const message = 'gateway reject due to broken upstream connection.';
    expect([status, body]).toEqual([502, { code: 502, message, errors: [] }]);
    expect([evil.connections(), upstream.connections()]).toEqual([0, 0]);
  });

  it('may do so where that origin is allowed', async () => {
    const { status, evil, upstream } = await redirected(
      (request, { origin }) => void (request.url = new URL('/new?z=2', origin)),
      true,
    );
    expect([status, upstream.connections()]).toEqual([200, 0]);
    expect(evil.last()).toMatchObject({ url: '/new?z=2', headers: { host: `127.0.0.1:${evil.port}` } });
  });

  it('may change every part of a url that stays on its origin', async () => {
    const { status, upstream } = await redirected((request) => {
      request.url.pathname = '/other';
      request.url.search = '?z=2';
    });
    expect([status, upstream.last().url]).toEqual([200, '/other?z=2']);
  });
});

describe('a path that a hook sets', () => {
  it.each([
    ['//<evil>/x'],
    ['@<evil>/x'],
    ['http://<evil>/x'],
    ['\\\\<evil>\\x'],
    ['/../..//<evil>'],
    ['.<evil>'],
    ['/x\r\nHost: evil'],
    ['/x HTTP/1.1\r\nX-Injected: 1\r\n\r\n'],
  ])('never becomes a host or a header: %j', async (path) => {
    const { evil, upstream } = await redirected(
      (request, { port }) => void (request.path = path.replace('<evil>', `127.0.0.1:${port}`)),
    );
    expect(evil.connections()).toBe(0);
    for (const { url, headers } of upstream.requests) {
      expect(url).toMatch(/^\/\S*$/);
      expect(headers.host).toBe(`127.0.0.1:${upstream.port}`);
      expect(headers).not.toHaveProperty('x-injected');
    }
  });
});

describe('a header that a hook sets', () => {
  it.each([
    ['x-a', 'b\r\nX-Injected: 1'],
    ['x-a', 'b\nX-Injected: 1'],
    ['x-a: 1\r\nX-Injected', '1'],
    ['bad name', '1'],
  ])('cannot break out of its line: %j: %j', async (name, value) => {
    const { status, upstream } = await redirected((request) => void (request.headers[name] = value));
    expect(status).toBeGreaterThanOrEqual(500);
    expect(upstream.requests).toEqual([]);
  });

  it.each(['transfer-encoding', 'connection', 'keep-alive', 'upgrade'])(
    'does not change how the request is framed: %s',
    async (name) => {
      const { upstream } = await redirected((request) => void (request.headers[name] = 'chunked'));
      for (const { headers, body } of upstream.requests) {
        expect(body).toBe('');
        expect(headers[name]).not.toBe('chunked');
      }
    },
  );
});
