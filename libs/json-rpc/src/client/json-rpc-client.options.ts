import type { PoolOptions } from 'sallyport';
import {
  boolean,
  callable,
  failOn,
  falseOr,
  isPlainObject,
  positive,
  problemsOf,
  show,
  type Shape,
} from 'sallyport/internal';

/** How another service is called. */
export interface JsonRpcClientOptions {
  /** http, https, ws or wss. */
  url: string;
  /** The pool of its calls, or what it is like. @default the group `json-rpc:<host>` */
  pool?: string | PoolOptions;
  /** Sent with every request, or with the handshake of a WebSocket. */
  credentials?: { header: string; value: string } | { cookie: string; value: string } | { bearer: string };
  /** Of each call, in ms. @default the pool's */
  timeoutMs?: number;
  /** True: what is called in one tick goes out as one batch. @default false */
  batchWithinTick?: boolean;
  /** Whether a call of that method may be made again when the connection was lost under it. @default none */
  idempotent?: (method: string) => boolean;
}

const PROTOCOLS = new Set(['http:', 'https:', 'ws:', 'wss:']);
const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;
const HEADER_TEXT = /^[\x20-\x7e]*$/;
const COOKIE_TEXT = /^[!#-+\--:<-[\]-~]*$/;

const shape: Shape = {
  url,
  pool: (value) =>
    (typeof value === 'string' && value.trim() !== '') || isPlainObject(value)
      ? undefined
      : `must be a group or the options of a pool, got ${show(value)}`,
  credentials: (value) => (headerOf(value) === undefined ? CREDENTIALS : undefined),
  timeoutMs: falseOr(positive),
  batchWithinTick: boolean,
  idempotent: callable,
};

const CREDENTIALS = 'must be { header, value }, { cookie, value } or { bearer }, all of them ASCII';

/** @throws ConfigurationError with every problem and its path */
export function checkClientOptions(options: JsonRpcClientOptions): void {
  const problems = problemsOf(options, shape, 'JsonRpcClient');
  if (isPlainObject(options) && options.url === undefined) {
    problems.push({ path: 'JsonRpcClient.url', message: 'is required: where the service is' });
  }
  failOn(problems);
}

/** Name and value of the header that proves who calls; undefined where it could not be one. */
export function headerOf(credentials: unknown): [string, string] | undefined {
  const { header, cookie, bearer, value } = Object(credentials) as Record<string, unknown>;
  if (typeof bearer === 'string') return HEADER_TEXT.test(bearer) ? ['authorization', `Bearer ${bearer}`] : undefined;
  if (typeof value !== 'string' || !HEADER_TEXT.test(value)) return undefined;
  if (typeof header === 'string') return TOKEN.test(header) ? [header.toLowerCase(), value] : undefined;
  if (typeof cookie !== 'string' || !TOKEN.test(cookie)) return undefined;
  return ['cookie', `${cookie}=${COOKIE_TEXT.test(value) && !value.includes('%') ? value : encodeURIComponent(value)}`];
}

function url(value: unknown): string | undefined {
  const parsed = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  if (parsed === undefined || !PROTOCOLS.has(parsed.protocol)) {
    return `must be an http, https, ws or wss URL, got ${show(value)}`;
  }
  return parsed.username === '' && parsed.password === '' ? undefined : 'must have no password in it: use credentials';
}
