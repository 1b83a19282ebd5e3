import { ConfigurationError } from 'sallyport';
import { describe, expect, it } from 'vitest';
import { httpProxy } from './http-proxy.js';
import { trusted } from './http-proxy.options.js';

function problemsOf(options: unknown): { path: string; message: string }[] {
  try {
    httpProxy(options as never);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

const upstream = 'http://127.0.0.1:1';
const inProxy = (options: object) => problemsOf({ proxies: [{ match: '/*path', upstream, ...options }] });

describe('the options of the proxy', () => {
  it('may be left out', () => {
    expect(problemsOf(undefined)).toEqual([]);
    expect(problemsOf({ proxies: [], port: 0, host: '::1', maxTunnels: 0 })).toEqual([]);
  });

  it('are refused with every problem and its path', () => {
    expect(
      problemsOf({
        port: -1,
        hots: 'x',
        proxies: [{ match: 'api', upstream: 'ftp://x', timeoutMs: 0, retrys: 1 }, 7, {}],
      }),
    ).toEqual([
      { path: 'httpProxy.port', message: 'must be a whole number of at least 0, got -1' },
      { path: 'httpProxy.hots', message: 'is not an option; did you mean host?' },
      { path: 'httpProxy.proxies[0].match', message: 'must be a path that starts with "/", or a regex, got "api"' },
      { path: 'httpProxy.proxies[0].upstream', message: 'must be an http or https URL without query, got "ftp://x"' },
      { path: 'httpProxy.proxies[0].retrys', message: 'is not an option; did you mean retry?' },
      { path: 'httpProxy.proxies[0].timeoutMs', message: 'must be false or a number above 0, got 0' },
      { path: 'httpProxy.proxies[1]', message: 'must be an object, got 7' },
      { path: 'httpProxy.proxies[2].match', message: 'is required' },
      { path: 'httpProxy.proxies[2].upstream', message: 'is required' },
    ]);
  });

  it.each([
    [{ match: '/a/*' }, 'match', /is no path pattern/],
    [{ methods: ['GET', 'a b'] }, 'methods', /got "a b"/],
    [{ upstream: 'http://user:pass@host/' }, 'upstream', /http or https URL/],
    [{ upstream: 'http://host/?x=1' }, 'upstream', /without query/],
    [{ allowedUpstreams: 'http://x' }, 'allowedUpstreams', /must be an array/],
    [{ trustedProxies: ['10.0.0.0/33'] }, 'trustedProxies', /got "10.0.0.0\/33"/],
    [{ trustedProxies: ['localhost'] }, 'trustedProxies', /IP addresses/],
    [{ connectTimeoutMs: '1s' }, 'connectTimeoutMs', /above 0/],
    [{ retry: { attempts: 0 } }, 'retry.attempts', /at least 1/],
    [{ breaker: { failureRatio: 2 } }, 'breaker.failureRatio', /at most 1/],
    [{ group: '' }, 'group', /not empty/],
  ])('%o is refused at its place', (options, at, message) => {
    expect(inProxy(options)).toEqual([
      { path: `httpProxy.proxies[0].${at}`, message: expect.stringMatching(message) as string },
    ]);
  });
});

describe('trusted proxies', () => {
  it.each([
    [['10.0.0.0/8'], '10.1.2.3', true],
    [['10.0.0.0/8'], '11.1.2.3', false],
    [['127.0.0.1'], '127.0.0.1', true],
    [['fd00::/8'], 'fd00::1', true],
    [['::1'], '::2', false],
  ])('%o and %s', (networks, address, expected) => {
    expect(trusted(networks)?.check(address, address.includes(':') ? 'ipv6' : 'ipv4')).toBe(expected);
  });

  it('are nobody where none was named', () => {
    expect(trusted([])).toBeUndefined();
    expect(trusted(undefined)).toBeUndefined();
  });
});
