import { PoolRegistry, Telemetry } from 'sallyport';
import { Pools } from 'sallyport/internal';
import { describe, expect, it } from 'vitest';
import type { ProxyOptions } from '../http-proxy.options.js';
import { ProxyRoute } from './proxy.route.js';
import { ProxyTable } from './proxy.table.js';
import { targetOf } from './target.js';

const upstream = 'http://intra.service.com/v2/';

function routeOf(options: Partial<ProxyOptions>): ProxyRoute {
  return new ProxyRoute({ match: '/*path', upstream, ...options }, new Pools(undefined, new Telemetry()));
}

const asked = (options: Partial<ProxyOptions>, url: string): string => routeOf(options).pathFor(targetOf(url));

describe('what is asked of the upstream', () => {
  it('is the path as it came, below the base path of the upstream', () => {
    expect(asked({}, '/a%20b/c;d?x=%31')).toBe('/v2/a%20b/c;d?x=%31');
  });

  it.each([
    ['a pattern', { match: '/api/v1/*path', rewrite: '/$1' }, '/api/v1/users/7?x=1', '/v2/users/7?x=1'],
    ['a pattern with a name', { match: '/users/:id', rewrite: '/u/$1' }, '/users/7', '/v2/u/7'],
    ['a regex', { match: /^\/old\/(.*)$/, rewrite: '/new/$1' }, '/old/a/b', '/v2/new/a/b'],
    ['a named group', { match: /^\/(?<who>\w+)$/, rewrite: '/$<who>/all' }, '/ada', '/v2/ada/all'],
    ['nothing in front', { match: '/x/*path', rewrite: '$1' }, '/x/y', '/v2/y'],
    ['a query of its own', { match: '/x', rewrite: '/y?z=1' }, '/x?a=2', '/v2/y?z=1&a=2'],
    ['what looks like a host', { match: '/x/*path', rewrite: '$1' }, '/x/@evil/', '/v2/@evil/'],
  ])('follows a rewrite with %s', (_, options, url, expected) => {
    expect(asked(options, url)).toBe(expected);
  });

  it('is the same for a regex with a memory', () => {
    const route = routeOf({ match: /^\/a/g });
    expect([1, 2, 3].map(() => route.matches('GET', '/a'))).toEqual([true, true, true]);
  });
});

describe('a route', () => {
  it('takes the methods it was given, whatever their case', () => {
    const route = routeOf({ methods: ['get', 'HEAD'] });
    expect(['GET', 'HEAD', 'POST'].map((method) => route.matches(method, '/'))).toEqual([false, false, false]);
    expect(['GET', 'HEAD', 'POST'].map((method) => route.matches(method, '/a'))).toEqual([true, true, false]);
  });

  it('allows its own origin and those that were added', () => {
    const route = routeOf({ allowedUpstreams: ['https://other.example/base'] });
    const origins = ['http://intra.service.com', 'https://other.example', 'http://other.example', 'http://evil'];
    expect(origins.map((origin) => route.allows(origin))).toEqual([true, true, false, false]);
  });

  it('shares a pool of 256 slots where it was given no group', () => {
    const pools: PoolRegistry = new Pools(undefined, new Telemetry());
    const route = new ProxyRoute({ match: '/', upstream }, pools as Pools);
    expect(route.group).toBe('http-proxy');
    expect(pools.snapshot()).toMatchObject([{ group: 'http-proxy', maxConcurrent: 256, maxQueue: 1024 }]);
  });
});

it('the first route that matches has the request', () => {
  const table = new ProxyTable();
  for (const name of ['first', 'second']) table.add(routeOf({ name, match: '/a/*path' }));
  table.add(routeOf({ name: 'third' }));
  expect(['/a/b', '/b', '/'].map((path) => table.match('GET', path)?.key)).toEqual(['first', 'third', undefined]);
});
