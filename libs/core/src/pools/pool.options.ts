import type { ConfigurationProblem } from '../errors.js';
import {
  atLeast,
  falseOr,
  integer,
  isPlainObject,
  object,
  positive,
  problemsOf,
  ratio,
  type Shape,
} from '../options.js';

/** When a circuit opens and how it is tried again. */
export interface BreakerOptions {
  /** Opens when that share of the calls in the window failed. Above 0, at most 1. @default 0.5 */
  failureRatio?: number;
  /** Never opens on fewer calls than that in the window. @default 20 */
  minimumCalls?: number;
  /** The sliding window, in ms. @default 10_000 */
  windowMs?: number;
  /** How long it stays open before calls are let through on trial, in ms. @default 5_000 */
  openForMs?: number;
  /** How many are let through; all must succeed. @default 1 */
  halfOpenCalls?: number;
  /** A call that takes longer counts as slow, in ms. @default off */
  slowCallMs?: number;
  /** Opens when that share of the calls in the window was slow. @default 1 */
  slowCallRatio?: number;
}

/** How many retries a pool allows, so that retries cannot multiply an outage. */
export interface RetryBudgetOptions {
  /** Retries, as a share of the calls of the last 10 s that may be retried. @default 0.2 */
  ratio?: number;
  /** And that many a second on top. @default 10 */
  minPerSecond?: number;
}

/** One bulkhead: what shares its slots, its queue and its time limit. */
export interface PoolOptions {
  /** Slots. A slot is held until the work has really settled. @default 10; the pools `default` and `http-proxy`: 256 */
  maxConcurrent?: number;
  /** Calls that may wait for a slot; 0: none waits. @default 100; the pools `default` and `http-proxy`: 1_024 */
  maxQueue?: number;
  /** Bounds the whole call from submission on, waiting and retries included, in ms. @default 10_000 */
  timeoutMs?: number | false;
  /** One circuit for each command key. Routes have one where it is given here. @default on for commands, off for routes */
  breaker?: BreakerOptions | false;
  retryBudget?: RetryBudgetOptions;
  /** A target that hangs gives its slot back that long after its caller was told, in ms. @default off */
  abandonAfterMs?: number;
}

export interface ResolvedBreakerOptions {
  failureRatio: number;
  minimumCalls: number;
  windowMs: number;
  openForMs: number;
  halfOpenCalls: number;
  /** `Infinity`: off. */
  slowCallMs: number;
  slowCallRatio: number;
}

export interface ResolvedPoolOptions {
  maxConcurrent: number;
  maxQueue: number;
  timeoutMs: number | false;
  breaker: ResolvedBreakerOptions | false;
  /** Of routes, which have none unless somebody asked for it. */
  routeBreaker: ResolvedBreakerOptions | false;
  retryBudget: Required<RetryBudgetOptions>;
  abandonAfterMs: number | undefined;
}

const BREAKER_DEFAULTS: ResolvedBreakerOptions = {
  failureRatio: 0.5,
  minimumCalls: 20,
  windowMs: 10_000,
  openForMs: 5_000,
  halfOpenCalls: 1,
  slowCallMs: Infinity,
  slowCallRatio: 1,
};

const POOL_DEFAULTS: ResolvedPoolOptions = {
  maxConcurrent: 10,
  maxQueue: 100,
  timeoutMs: 10_000,
  breaker: BREAKER_DEFAULTS,
  routeBreaker: false,
  retryBudget: { ratio: 0.2, minPerSecond: 10 },
  abandonAfterMs: undefined,
};

/** What has no pool of its own shares one of these: routes, and requests that are proxied. */
const SHARED_POOLS = new Set(['default', 'http-proxy']);
const SHARED_POOL_DEFAULTS: ResolvedPoolOptions = { ...POOL_DEFAULTS, maxConcurrent: 256, maxQueue: 1_024 };

const breakerShape: Shape = {
  failureRatio: ratio,
  minimumCalls: integer(1),
  windowMs: atLeast(10),
  openForMs: positive,
  halfOpenCalls: integer(1),
  slowCallMs: positive,
  slowCallRatio: ratio,
};

export const limitShape = {
  maxConcurrent: integer(1),
  maxQueue: integer(0),
  timeoutMs: falseOr(positive),
} satisfies Shape;

const poolShape: Shape = {
  ...limitShape,
  breaker: falseOr(object),
  retryBudget: { ratio: atLeast(0), minPerSecond: atLeast(0) },
  abandonAfterMs: atLeast(0),
};

export function breakerProblems(options: unknown, path: string): ConfigurationProblem[] {
  return options === false || options === undefined ? [] : problemsOf(options, breakerShape, path);
}

export function poolProblems(options: unknown, path: string): ConfigurationProblem[] {
  const problems = problemsOf(options, poolShape, path);
  return isPlainObject(options) ? [...problems, ...breakerProblems(options['breaker'], `${path}.breaker`)] : problems;
}

/** The breaker of `options` over `base`; either may switch it off. */
export function resolveBreaker(
  base: ResolvedBreakerOptions | false,
  options: BreakerOptions | false | undefined,
): ResolvedBreakerOptions | false {
  if (options === undefined) return base;
  return options === false ? false : { ...(base || BREAKER_DEFAULTS), ...defined(options) };
}

/** Later options over earlier ones, over the defaults of that group. */
export function resolvePool(group: string, ...layers: (PoolOptions | undefined)[]): Readonly<ResolvedPoolOptions> {
  const defaults = SHARED_POOLS.has(group) ? SHARED_POOL_DEFAULTS : POOL_DEFAULTS;
  return Object.freeze(layers.filter((layer) => layer !== undefined).reduce(layOver, defaults));
}

function layOver(base: ResolvedPoolOptions, layer: PoolOptions): ResolvedPoolOptions {
  const breaker = resolveBreaker(base.breaker, layer.breaker);
  const retryBudget = { ...base.retryBudget, ...defined(layer.retryBudget ?? {}) };
  const routeBreaker = layer.breaker === undefined ? base.routeBreaker : breaker;
  return { ...base, ...defined(layer), breaker, routeBreaker, retryBudget };
}

function defined<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}
