import type { FactoryProvider, ModuleMetadata, Provider } from '@nestjs/common';
import type { Clock } from './clock.js';
import type { ConfigurationProblem } from './errors.js';
import { atLeast, boolean, failOn, isPlainObject, object, problemsOf, show, type Shape } from './options.js';
import { poolProblems, type PoolOptions } from './pools/pool.options.js';
import type { GatewayTransport } from './transport.js';

export interface GatewayOptions {
  /** The name of this service on every wire: a letter, then letters, digits, `_` or `-`. Required once a transport is used. */
  service?: string;
  /** By group. A group that is not here gets the defaults at its first use, unless `strictPools`. */
  pools?: Record<string, PoolOptions>;
  /** Under every pool, registered or not. */
  poolDefaults?: PoolOptions;
  /** True: a command or a route in a group that nobody registered fails bootstrap. @default false */
  strictPools?: boolean;
  transports?: GatewayTransport[];
  /** True: HTTP and WebSocket peers are believed about deadlines, call ids and baggage. @default false */
  trustContext?: boolean;
  shutdown?: {
    /** For queued and running work to finish once the app is told to stop, in ms. @default 10_000 */
    graceMs?: number;
  };
  /** @default performance.now() and one timer wheel: never early, at most 10 ms late */
  clock?: Clock;
}

export interface GatewayAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  inject?: FactoryProvider['inject'];
  useFactory(...args: any[]): GatewayOptions | Promise<GatewayOptions>;
  /** Those whose injectables must exist before the options do. */
  provide?: { readonly providers: Provider[] }[];
}

export interface ResolvedGatewayOptions {
  readonly service: string | undefined;
  readonly pools: Readonly<Record<string, PoolOptions>>;
  readonly poolDefaults: PoolOptions | undefined;
  readonly strictPools: boolean;
  readonly trustContext: boolean;
  readonly transports: readonly GatewayTransport[];
  readonly graceMs: number;
  readonly clock: Clock | undefined;
}

export const GATEWAY_OPTIONS = Symbol('GATEWAY_OPTIONS');

const GRACE_MS = 10_000;
const SERVICE = /^[A-Za-z][\w-]*$/;
const VERBS = ['start', 'stopIntake', 'close', 'health'];

const shape: Shape = {
  service,
  pools: object,
  poolDefaults: object,
  strictPools: boolean,
  trustContext: boolean,
  transports,
  shutdown: { graceMs: atLeast(0) },
  clock,
};

/** @throws ConfigurationError with every problem and its path */
export function resolveGatewayOptions(options: GatewayOptions = {}): ResolvedGatewayOptions {
  failOn(gatewayProblems(options));
  return Object.freeze({
    service: options.service,
    pools: options.pools ?? {},
    poolDefaults: options.poolDefaults,
    strictPools: options.strictPools ?? false,
    trustContext: options.trustContext ?? false,
    transports: options.transports ?? [],
    graceMs: options.shutdown?.graceMs ?? GRACE_MS,
    clock: options.clock,
  });
}

export function poolsProblems(pools: unknown, path: string): ConfigurationProblem[] {
  if (!isPlainObject(pools)) return [];
  return Object.entries(pools).flatMap(([group, options]) => poolProblems(options, `${path}.${group}`));
}

function gatewayProblems(options: GatewayOptions): ConfigurationProblem[] {
  if (!isPlainObject(options)) return problemsOf(options, shape, 'GatewayModule options');
  const problems = problemsOf(options, shape, '');
  problems.push(...poolsProblems(options.pools, 'pools'));
  if (isPlainObject(options.poolDefaults)) problems.push(...poolProblems(options.poolDefaults, 'poolDefaults'));
  const used = Array.isArray(options.transports) && options.transports.length > 0;
  if (used && options.service === undefined) {
    problems.push({ path: 'service', message: 'is required once a transport is used: the name of this service' });
  }
  return problems;
}

function service(value: unknown): string | undefined {
  const fine = typeof value === 'string' && SERVICE.test(value);
  return fine ? undefined : `must be a letter, then letters, digits, "_" or "-", got ${show(value)}`;
}

function transports(value: unknown): string | undefined {
  if (!Array.isArray(value)) return 'must be an array';
  const bad = value.findIndex((one) => !isTransport(one));
  return bad < 0 ? undefined : `[${bad}] is no transport: it needs name, kinds, ${VERBS.join('(), ')}()`;
}

function isTransport(value: unknown): boolean {
  if (!isPlainObject(value) || typeof value['name'] !== 'string') return false;
  return VERBS.every((verb) => typeof value[verb] === 'function') && isListOfNames(value['kinds']);
}

function isListOfNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

function clock(value: unknown): string | undefined {
  const fine = isPlainObject(value) && typeof value['now'] === 'function' && typeof value['at'] === 'function';
  return fine ? undefined : 'must have now() and at(deadline, run)';
}
