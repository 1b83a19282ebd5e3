import { describe, expect, it } from 'vitest';
import { carriers } from './support/carriers.js';
import { startGateway } from './support/gateway.js';
import { startRecorder } from './support/recorder.js';

describe.each(carriers)('a request through $name', (carrier) => {
  it.each([
    ['/api/v1/users', '/api/v1/users'],
    ['/api/v1/users?page=2&page=3&q=a+b%20c&empty=&flag', '/api/v1/users?page=2&page=3&q=a+b%20c&empty=&flag'],
    ['/api/v1/%7Eann/a%2Fb/caf%C3%A9', '/api/v1/%7Eann/a%2Fb/caf%C3%A9'],
    ['/api/v1/%zz/100%', '/api/v1/%zz/100%'],
    ['/api/v1//twice///', '/api/v1//twice///'],
    ['/api/v1/x?next=/../y&z=%2e%2e', '/api/v1/x?next=/../y&z=%2e%2e'],
    ['/api/v1/?', '/api/v1/?'],
  ])('reaches the upstream with its path and query as they came: %s', async (path, url) => {
    const upstream = await startRecorder();
    const gateway = await startGateway({
      carrier,
      proxies: [{ match: '/api/v1/{*path}', upstream: upstream.origin }],
    });
    expect(await gateway.ask({ path })).toMatchObject({ status: 200, body: 'ok' });
    expect(upstream.last().url).toBe(url);
  });

  it('goes to the first proxy that matches', async () => {
    const [first, second] = [await startRecorder(), await startRecorder()];
    const proxies = [
      { match: '/api/users', upstream: first.origin },
      { match: '/api/*path', upstream: second.origin },
      { match: /^\/api\/users/, upstream: first.origin, name: 'never' },
    ];
    const gateway = await startGateway({ carrier, proxies });
    for (const path of ['/api/users', '/api/users/7', '/api/orders']) await gateway.ask({ path });
    expect(first.requests.map(({ url }) => url)).toEqual(['/api/users']);
    expect(second.requests.map(({ url }) => url)).toEqual(['/api/users/7', '/api/orders']);
  });

  it('goes past a proxy of other methods', async () => {
    const [reads, rest] = [await startRecorder(), await startRecorder()];
    const proxies = [
      { match: '/*path', methods: ['GET', 'HEAD'], upstream: reads.origin, name: 'reads' },
      { match: '/*path', methods: ['POST'], upstream: rest.origin, name: 'rest' },
    ];
    const gateway = await startGateway({ carrier, proxies });
    for (const method of ['GET', 'HEAD', 'POST'])
      expect(await gateway.ask({ method, path: '/x' })).toMatchObject({ status: 200 });
    expect(await gateway.ask({ method: 'PATCH', path: '/x' })).toMatchObject({ status: 404 });
    expect(reads.requests.map(({ method }) => method)).toEqual(['GET', 'HEAD']);
    expect(rest.requests.map(({ method }) => method)).toEqual(['POST']);
  });

  it('is answered 404 where nothing matches, and no upstream is asked', async () => {
    const upstream = await startRecorder();
    const gateway = await startGateway({ carrier, proxies: [{ match: '/api/*path', upstream: upstream.origin }] });
    for (const path of ['/', '/apis/x', '/API2', '/x/api/y', '/%61pi/x']) {
      expect(await gateway.ask({ path })).toMatchObject({ status: 404 });
    }
    expect(upstream.requests).toEqual([]);
  });
});

describe('the path that the upstream is asked for', () => {
  const REWRITES: [
    what: string,
    match: string | RegExp,
    rewrite: string | undefined,
    base: string,
    path: string,
    url: string,
  ][] = [
    ['a pattern', '/api/v1/*path', '/$1', '', '/api/v1/users/7?a=1', '/users/7?a=1'],
    ['two placeholders of a pattern', '/:org/repos/:repo', '/r/$2/of/$1', '', '/acme/repos/gate', '/r/gate/of/acme'],
    ['a regex', /^\/v(\d+)\/(.*)$/, '/$2/v$1', '', '/v3/users/7', '/users/7/v3'],
    ['a regex that matches a part of the path', /^\/api/, '', '', '/api/users', '/users'],
    ['an empty rest', /^\/api(.*)$/, '$1', '', '/api', '/'],
    ['an encoded slash, kept as it came', '/api/*path', '/$1', '', '/api/a%2Fb/%7Ec', '/a%2Fb/%7Ec'],
    ['a base path of the upstream', '/api/*path', '/$1', '/v2', '/api/users', '/v2/users'],
    ['a base path that ends with a slash', '/api/*path', '/$1', '/v2/', '/api/users', '/v2/users'],
    ['a base path without a rewrite', '/api/*path', undefined, '/v2', '/api/users?x', '/v2/api/users?x'],
    ['a dollar that is none of a group', '/api/*path', '/$$/$1', '', '/api/x', '/$/x'],
  ];

  it.each(REWRITES)('is rewritten: %s', async (_, match, rewrite, base, path, url) => {
    const upstream = await startRecorder();
    const gateway = await startGateway({ proxies: [{ match, rewrite, upstream: upstream.origin + base }] });
    expect(await gateway.ask({ path })).toMatchObject({ status: 200 });
    expect(upstream.last().url).toBe(url);
  });
});

describe('a listener of its own', () => {
  it('answers 404 in JSON where nothing matches', async () => {
    const gateway = await startGateway({ proxies: [] });
    const { status, headers, body } = await gateway.ask({ path: '/nothing' });
    expect([status, body]).toEqual([404, { code: 404, message: 'no such path.', errors: [] }]);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
  });

  it('takes requests that are nowhere matched without a body of theirs getting in the way of the next', async () => {
    const upstream = await startRecorder();
    const gateway = await startGateway({ proxies: [{ match: '/api', upstream: upstream.origin }] });
    const unmatched = { method: 'POST', path: '/nothing', body: 'GET /api HTTP/1.1\r\nHost: a\r\n\r\n' };
    expect(await gateway.ask(unmatched)).toMatchObject({ status: 404 });
    expect(await gateway.ask({ path: '/api' })).toMatchObject({ status: 200 });
    expect(upstream.requests).toHaveLength(1);
  });
});
