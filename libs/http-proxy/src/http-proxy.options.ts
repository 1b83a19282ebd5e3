import { BlockList, isIP } from 'node:net';
import { pathToRegexp } from 'path-to-regexp';
import { ConfigurationError, type CommandOptions } from 'sallyport';
import {
  boolean,
  commandProblems,
  failOn,
  integer,
  isPlainObject,
  name,
  positive,
  problemsOf,
  show,
  type ConfigurationProblem,
  type Shape,
} from 'sallyport/internal';

/** Which requests go where, and how. Everything else is as of a command. */
export interface ProxyOptions extends Omit<CommandOptions, 'group'> {
  /** For messages, and the key of its circuit. @default `match` as it is written */
  name?: string;
  /** A path pattern, `/api/v1/*path` as of path-to-regexp 8, or a regex on the path as it came, without the query. */
  match: string | RegExp;
  /** @default all */
  methods?: string[];
  /** Origin and base path: `http://intra.service.com/v2`. */
  upstream: string;
  /** Further origins that a hook may send a request to. @default none */
  allowedUpstreams?: string[];
  /** What takes the place of the path; `$1` is the first group of the match, as in String.replace. @default the path as it came */
  rewrite?: string;
  /** @default 'http-proxy', of 256 slots */
  group?: string;
  /** @default 1_000 */
  connectTimeoutMs?: number;
  /** True: the upstream sees the Host that the client asked for. @default false */
  preserveHost?: boolean;
  /** Addresses or CIDR ranges whose X-Forwarded-*, Forwarded and sallyport-* headers are believed. @default none */
  trustedProxies?: string[];
}

export interface HttpProxyOptions {
  /** In order; the first that matches has the request. Classes with `@HttpProxy` come after them. */
  proxies?: ProxyOptions[];
  /** A listener of its own; 0: a free port. @default on the server of the app, ahead of its framework */
  port?: number;
  /** @default '127.0.0.1' */
  host?: string;
  /** WebSockets that are open at once. @default 1_000 */
  maxTunnels?: number;
}

const LARGEST_PORT = 65_535;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const CIDR = /^(.+)\/(\d{1,3})$/;

/** Known here, looked at by the core. */
const OF_COMMANDS = ['key', 'timeoutMs', 'retry', 'context', 'breaker', 'isFailure'];

const shape: Shape = {
  name,
  match,
  methods: listOf((value) => TOKEN.test(value), 'HTTP methods'),
  upstream: (value) => (originIn(value) ? undefined : `must be an http or https URL without query, got ${show(value)}`),
  allowedUpstreams: listOf((value) => originIn(value) !== undefined, 'http or https URLs'),
  rewrite: (value) => (typeof value === 'string' ? undefined : `must be a string, got ${show(value)}`),
  group: name,
  connectTimeoutMs: positive,
  preserveHost: boolean,
  trustedProxies: listOf((value) => networkIn(value) !== undefined, 'IP addresses or CIDR ranges'),
  ...Object.fromEntries(OF_COMMANDS.map((key) => [key, () => undefined])),
};

const transportShape: Shape = {
  proxies: (value) => (Array.isArray(value) ? undefined : `must be an array, got ${show(value)}`),
  port: (value) => integer(0)(value) ?? ((value as number) > LARGEST_PORT ? 'must be at most 65535' : undefined),
  host: name,
  maxTunnels: integer(0),
};

/** @throws ConfigurationError with every problem and its path */
export function checkHttpProxyOptions(options: unknown): void {
  const problems = problemsOf(options, transportShape, 'httpProxy');
  const { proxies } = (options ?? {}) as HttpProxyOptions;
  if (Array.isArray(proxies)) {
    problems.push(...proxies.flatMap((proxy, index) => proxyProblems(proxy, `httpProxy.proxies[${index}]`)));
  }
  failOn(problems);
}

export function proxyProblems(options: unknown, path: string): ConfigurationProblem[] {
  if (!isPlainObject(options)) return problemsOf(options, shape, path);
  const ofCommand = Object.fromEntries(OF_COMMANDS.map((key) => [key, options[key]]));
  const missing = ['match', 'upstream'].filter((key) => options[key] === undefined);
  return [
    ...problemsOf(options, shape, path),
    ...commandProblems({ group: 'http-proxy', ...ofCommand }, path),
    ...missing.map((key) => ({ path: `${path}.${key}`, message: 'is required' })),
  ];
}

/** Requests of a pattern, and what the placeholders of `rewrite` stand for. */
export function regexOf(pattern: string | RegExp): RegExp {
  return typeof pattern === 'string'
    ? pathToRegexp(pattern).regexp
    : new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''));
}

export function originIn(value: unknown): URL | undefined {
  if (typeof value !== 'string' || !URL.canParse(value)) return undefined;
  const url = new URL(value);
  const plain = url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  return plain && (url.protocol === 'http:' || url.protocol === 'https:') ? url : undefined;
}

/** Undefined where nobody is trusted. @throws ConfigurationError for what is no address */
export function trusted(networks: readonly string[] = []): BlockList | undefined {
  if (networks.length === 0) return undefined;
  const list = new BlockList();
  for (const network of networks) {
    const found = networkIn(network);
    if (found === undefined)
      throw new ConfigurationError([{ path: 'trustedProxies', message: `${show(network)} is no address` }]);
    list.addSubnet(found.address, found.bits, found.family);
  }
  return list;
}

function networkIn(value: string): { address: string; bits: number; family: 'ipv4' | 'ipv6' } | undefined {
  const [, address = value, given] = CIDR.exec(value) ?? [];
  const version = isIP(address);
  const most = version === 4 ? 32 : 128;
  const bits = given === undefined ? most : Number(given);
  return version === 0 || bits > most ? undefined : { address, bits, family: version === 4 ? 'ipv4' : 'ipv6' };
}

function match(value: unknown): string | undefined {
  if (value instanceof RegExp) return undefined;
  if (typeof value !== 'string' || !value.startsWith('/'))
    return `must be a path that starts with "/", or a regex, got ${show(value)}`;
  try {
    pathToRegexp(value);
    return undefined;
  } catch (error) {
    return `is no path pattern: ${(error as Error).message}`;
  }
}

function listOf(fits: (value: string) => boolean, what: string): (value: unknown) => string | undefined {
  return (value) => {
    const bad = Array.isArray(value) ? value.find((one) => typeof one !== 'string' || !fits(one)) : value;
    return Array.isArray(value) && bad === undefined ? undefined : `must be an array of ${what}, got ${show(bad)}`;
  };
}
