import { describe, expect, it } from 'vitest';
import { connectRaw } from '../../support/raw-connection.js';
import { carriers } from './support/carriers.js';
import { startGateway } from './support/gateway.js';
import { startRecorder } from './support/recorder.js';

const MALFORMED = { code: 400, message: 'the request is malformed.', errors: [] };

/** Status and body of what a target that is written as it is gets for an answer. */
async function askRaw(port: number, target: string): Promise<{ status: number; body: string }> {
  const client = await connectRaw(port);
  await client.write(`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  const [head, ...body] = (await client.all()).split('\r\n\r\n');
  return { status: Number(head!.split(' ')[1]), body: body.join('\r\n\r\n') };
}

describe.each(carriers)('a target on $name that climbs', (carrier) => {
  it.each([
    '/api/../admin',
    '/api/./x',
    '/..',
    '/api/..',
    '/api/.',
    '/api/%2e%2e/admin',
    '/api/%2E%2e',
    '/api/.%2e/admin',
    '/api/%2e./admin',
    '/api/%2E/x',
    '/api\\..\\admin',
    '/\\127.0.0.1/x',
    '/api/x%00y',
    '/..;/x',
    '/api/..;x=1/admin',
    '/api/..%2fadmin',
    '/api/%2e%2e%5cadmin',
    'http://other/api/../admin',
  ])('is refused, and the upstream is not asked: %s', async (target) => {
    const upstream = await startRecorder();
    const { port } = await startGateway({ carrier, proxies: [{ match: /.*/, upstream: upstream.origin }] });
    const { status, body } = await askRaw(port, target);
    expect([status, JSON.parse(body)]).toEqual([400, MALFORMED]);
    expect(upstream.connections()).toBe(0);
  });
});

describe('a target that only looks as if it climbed', () => {
  it.each(['/.../x', '/..x/', '/x..', '/.well-known/x', '/%252e%252e/x', '/a/.../b', '/~/..%20/'])(
    'reaches the upstream as it came: %s',
    async (target) => {
      const upstream = await startRecorder();
      const { port } = await startGateway({ proxies: [{ match: /.*/, upstream: upstream.origin }] });
      expect(await askRaw(port, target)).toMatchObject({ status: 200 });
      expect(upstream.last().url).toBe(target);
    },
  );
});

describe('a target that names another host', () => {
  /** `<evil>`: a server nobody is to be sent to. */
  const TARGETS = [
    '/api@<evil>/',
    '/api@<evil>',
    '/api:x@<evil>/y',
    '/api//<evil>/',
    '/api///<evil>/',
    '/api.<evil>/',
    '/api:1/',
    '/api1/x',
    '/api%40<evil>/',
    '/api?@<evil>/',
    '/apihttp://<evil>/',
    '/api/http://<evil>/',
  ];

  it.each(TARGETS)('never becomes one, whatever is left of the path: %s', async (target) => {
    const [evil, upstream] = [await startRecorder(), await startRecorder()];
    const proxies = [{ match: /^\/api(.*)$/, rewrite: '$1', upstream: upstream.origin }];
    const { port } = await startGateway({ proxies });
    expect(await askRaw(port, target.replace('<evil>', `127.0.0.1:${evil.port}`))).toMatchObject({ status: 200 });
    expect(evil.connections()).toBe(0);
    expect(upstream.last().url).toMatch(/^\//);
    expect(upstream.last().headers.host).toBe(`127.0.0.1:${upstream.port}`);
  });

  it.each(['//<evil>/x', '//user@<evil>/x', '/@<evil>', '/http://<evil>/x'])(
    'is a path where it begins with a slash: %s',
    async (target) => {
      const [evil, upstream] = [await startRecorder(), await startRecorder()];
      const { port } = await startGateway({ proxies: [{ match: /.*/, upstream: upstream.origin }] });
      const path = target.replace('<evil>', `127.0.0.1:${evil.port}`);
      expect(await askRaw(port, path)).toMatchObject({ status: 200 });
      expect([evil.connections(), upstream.last().url]).toEqual([0, path]);
    },
  );
});

describe.each(carriers)('a target on $name in absolute form', (carrier) => {
  it.each([
    ['http://<evil>/api/x?y=1', '/api/x?y=1'],
    ['http://user:secret@<evil>/api/x', '/api/x'],
    ['HTTPS://<evil>/api//x', '/api//x'],
  ])('is taken as its path: %s', async (target, url) => {
    const [evil, upstream] = [await startRecorder(), await startRecorder()];
    const { port } = await startGateway({ carrier, proxies: [{ match: '/api/{*path}', upstream: upstream.origin }] });
    expect(await askRaw(port, target.replace('<evil>', `127.0.0.1:${evil.port}`))).toEqual({ status: 200, body: 'ok' });
    expect([evil.connections(), upstream.last().url]).toEqual([0, url]);
    expect(upstream.last().headers.host).toBe(`127.0.0.1:${upstream.port}`);
  });

  it.each([
    ['http://<evil>', '/'],
    ['http://<evil>?y=1', '/?y=1'],
  ])('without a path is the root: %s', async (target, url) => {
    const upstream = await startRecorder();
    const { port } = await startGateway({ carrier, proxies: [{ match: '/', upstream: upstream.origin }] });
    expect(await askRaw(port, target.replace('<evil>', 'other.example'))).toEqual({ status: 200, body: 'ok' });
    expect(upstream.last().url).toBe(url);
  });
});

describe.each(carriers)('a gateway on $name', (carrier) => {
  it('answers targets that make no sense, and goes on', async () => {
    const upstream = await startRecorder();
    const gateway = await startGateway({ carrier, proxies: [{ match: '/api', upstream: upstream.origin }] });
    for (const target of [
      '*',
      'http://',
      'http://[',
      'http://a:99999999/',
      '//',
      '/%',
      '?x',
      '/\u00ff',
      'x:y',
      `/${'a/'.repeat(4_000)}`,
    ]) {
      expect((await askRaw(gateway.port, target)).status).toBeGreaterThanOrEqual(400);
      expect(await gateway.ask({ path: '/api' })).toMatchObject({ status: 200, body: 'ok' });
    }
  });
});
