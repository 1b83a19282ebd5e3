import type { Type } from '@nestjs/common';
import {
  boolean,
  failOn,
  integer,
  isPlainObject,
  name,
  positive,
  problemsOf,
  show,
  type Check,
  type Shape,
} from 'sallyport/internal';
import type { Authenticator } from './server/authenticator.js';

/** How JSON-RPC is served. Every bound that is passed is an answer or a closed connection, never memory. */
export interface JsonRpcOptions {
  /** On its listener, or on the server of the app. @default '/api' */
  path?: string;
  /** A listener of its own; 0: a free port. @default on the server of the app, ahead of its framework */
  port?: number;
  /** @default '127.0.0.1' */
  host?: string;
  /** @default true */
  http?: boolean;
  /** On the same path. Needs the package `ws`. @default false */
  webSocket?: boolean;
  /** Of a message, over HTTP or WebSocket; larger: 413, or the connection is closed with 1009. @default 1_048_576 */
  maxBodyBytes?: number;
  /** Calls in one message; more: Invalid Request. @default 100 */
  maxBatch?: number;
  /** Of one batch at a time. @default 16 */
  batchConcurrency?: number;
  /** Of arrays and objects in each other; deeper: Parse error. @default 64 */
  maxDepth?: number;
  /** Calls of one WebSocket at a time; more are refused BULKHEAD_FULL. @default 256 */
  maxInFlight?: number;
  /** What a WebSocket may leave unread before it is closed with 1013. @default 1_048_576 */
  maxBufferedBytes?: number;
  /** Between pings; a WebSocket that does not answer one before the next is cut. @default 30_000 */
  heartbeatMs?: number;
  /** Origins of pages that may open a WebSocket, as `https://example.org`. @default that of the host they connect to */
  allowedOrigins?: string[];
  /** Who may call private methods: any that accepts is enough. Classes are providers of the app. @default nobody */
  authenticators?: (Authenticator | Type<Authenticator>)[];
  /** True: `rpc.discover` describes the methods. @default true */
  discover?: boolean;
  /** True: every reply has both `result` and `error`, for old clients. @default false */
  legacyEnvelope?: boolean;
  /** True: a WebSocket may also send `{ command, command_args, command_kwargs }`. @default false */
  legacyFrames?: boolean;
}

export type ResolvedJsonRpcOptions = Readonly<Required<Omit<JsonRpcOptions, 'port' | 'allowedOrigins'>>> &
  Readonly<Pick<JsonRpcOptions, 'port' | 'allowedOrigins'>>;

const DEFAULTS = {
  path: '/api',
  host: '127.0.0.1',
  http: true,
  webSocket: false,
  maxBodyBytes: 1_048_576,
  maxBatch: 100,
  batchConcurrency: 16,
  maxDepth: 64,
  maxInFlight: 256,
  maxBufferedBytes: 1_048_576,
  heartbeatMs: 30_000,
  authenticators: [],
  discover: true,
  legacyEnvelope: false,
  legacyFrames: false,
} satisfies JsonRpcOptions;

const LARGEST_PORT = 65_535;
const PATH = /^\/[\w\-.~!$&'()*+,;=:@%/]*$/;

const shape: Shape = {
  path,
  port: (value) => integer(0)(value) ?? ((value as number) > LARGEST_PORT ? 'must be at most 65535' : undefined),
  host: name,
  http: boolean,
  webSocket: boolean,
  maxBodyBytes: integer(1),
  maxBatch: integer(1),
  batchConcurrency: integer(1),
  maxDepth: integer(1),
  maxInFlight: integer(1),
  maxBufferedBytes: integer(1),
  heartbeatMs: positive,
  allowedOrigins: listOf(isOrigin, 'origins, as "https://example.org"'),
  authenticators: listOf(isAuthenticator, 'authenticators'),
  discover: boolean,
  legacyEnvelope: boolean,
  legacyFrames: boolean,
};

/** @throws ConfigurationError with every problem and its path */
export function resolveJsonRpcOptions(options: JsonRpcOptions = {}, factory = 'jsonRpc'): ResolvedJsonRpcOptions {
  const problems = problemsOf(options, shape, factory);
  if (isPlainObject(options) && options.http === false && options.webSocket !== true) {
    problems.push({ path: `${factory}.http`, message: 'is false, and so is webSocket: nobody could call' });
  }
  failOn(problems);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return Object.freeze({ ...DEFAULTS, ...given });
}

function path(value: unknown): string | undefined {
  return typeof value === 'string' && PATH.test(value) ? undefined : `must be a path from "/" on, got ${show(value)}`;
}

function listOf(fits: (value: unknown) => boolean, what: string): Check {
  return (value) => {
    const bad = Array.isArray(value) ? value.find((one) => !fits(one)) : value;
    const fine = Array.isArray(value) && value.every(fits);
    return fine ? undefined : `must be an array of ${what}, got ${show(bad)}`;
  };
}

function isOrigin(value: unknown): boolean {
  return typeof value === 'string' && URL.canParse(value) && new URL(value).origin === value;
}

function isAuthenticator(value: unknown): boolean {
  const candidate: unknown = typeof value === 'function' ? value.prototype : value;
  return typeof (candidate as Partial<Authenticator> | null | undefined)?.authenticate === 'function';
}
