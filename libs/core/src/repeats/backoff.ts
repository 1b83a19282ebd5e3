import type { Type } from '@nestjs/common';
import { isGatewayError, type ConfigurationProblem, type GatewayErrorCode } from '../errors.js';
import { atLeast, boolean, failOn, integer, isPlainObject, problemsOf, show, type Shape } from '../options.js';
import type { AttemptRecord } from './attempt.js';

/** Whether and when a route tries a message again. */
export interface Backoff {
  /** `Infinity`: for ever. */
  readonly maxRetries: number;
  /** In ms; `retry` is 0 before the first one. */
  delayMs(retry: number): number;
  accepts(error: Error): boolean;
}

export interface BackoffOptions {
  /** After the first run; `Infinity`: for ever. @default 3 */
  maxRetries?: number;
  /** Before each retry, in ms, or a function of the retry, which is 0 before the first. @default 60_000 */
  intervalMs?: number | ((retry: number) => number);
  /** Retries these alone, and what extends them. @default all, but for a message that was refused for what it is */
  only?: Type<Error>[];
  /** Never retries these, nor what extends them; wins over `only`. @default none */
  except?: Type<Error>[];
}

const DEFAULTS = { maxRetries: 3, intervalMs: 60_000 };

/** Refusals in this process that the same message would meet again. */
const FINAL: ReadonlySet<GatewayErrorCode> = new Set([
  'INVALID_CALL',
  'HANDLER_NOT_FOUND',
  'ROUTE_NOT_FOUND',
  'ACCESS_DENIED',
]);

const optionsShape: Shape = { maxRetries: retries, intervalMs: interval, only: errorClasses, except: errorClasses };
const linearShape: Shape = { startMs: atLeast(0), stepMs: atLeast(0), maxMs: atLeast(0) };
const exponentialShape: Shape = { startMs: atLeast(0), factor: atLeast(1), maxMs: atLeast(0), jitter: boolean };

/**
 * The `backoff` of a route: AMQP redelivers after a delay, other transports wait in this process.
 *
 * @example
 * ```ts
 * @EventHandler('paid', { source: 'billing', backoff: backoff({ maxRetries: 5, intervalMs: exponential({ startMs: 100 }) }) })
 * ```
 * @throws ConfigurationError with every problem of the options
 */
export function backoff(options: BackoffOptions = {}): Backoff {
  failOn(problemsOf(options, optionsShape, 'backoff'));
  return new ResolvedBackoff(options);
}

/** The same wait before each retry. */
export function constant(ms: number): (retry: number) => number {
  const message = atLeast(0)(ms);
  failOn(message === undefined ? [] : [{ path: 'constant', message }]);
  return () => ms;
}

/** Each wait is `stepMs` longer than the one before, up to `maxMs`. */
export function linear(options: { startMs: number; stepMs: number; maxMs?: number }): (retry: number) => number {
  failOn([...problemsOf(options, linearShape, 'linear'), ...missing(options, ['startMs', 'stepMs'], 'linear')]);
  const { startMs, stepMs, maxMs = Number.MAX_SAFE_INTEGER } = options;
  return (retry) => Math.min(startMs + retry * stepMs, maxMs);
}

/**
 * Each wait is `factor` (= 2) times the one before, up to `maxMs`. With `jitter` (= false) it is anything between 0 and
 * that, so that what failed together is not tried again together.
 */
export function exponential(options: {
  startMs: number;
  factor?: number;
  maxMs?: number;
  jitter?: boolean;
}): (retry: number) => number {
  failOn([...problemsOf(options, exponentialShape, 'exponential'), ...missing(options, ['startMs'], 'exponential')]);
  const { startMs, factor = 2, maxMs = Number.MAX_SAFE_INTEGER, jitter = false } = options;
  return (retry) => {
    const most = Math.min(startMs * Math.min(factor ** retry, Number.MAX_SAFE_INTEGER), maxMs);
    return jitter ? Math.random() * most : most;
  };
}

/**
 * How long to wait before `failed` is tried again, in ms; undefined: not at all. A backoff that throws, or gives no
 * number, has not asked for another attempt.
 */
export function retryDelayMs(policy: Backoff | undefined, failed: AttemptRecord, error: Error): number | undefined {
  if (policy === undefined || !(failed.count < policy.maxRetries)) return undefined;
  try {
    if (!policy.accepts(error)) return undefined;
    const delayMs = policy.delayMs(failed.count);
    return Number.isFinite(delayMs) ? Math.max(0, delayMs) : undefined;
  } catch {
    return undefined;
  }
}

class ResolvedBackoff implements Backoff {
  readonly maxRetries: number;
  readonly delayMs: (retry: number) => number;
  private readonly only: readonly Type<Error>[] | undefined;
  private readonly except: readonly Type<Error>[];

  constructor(options: BackoffOptions) {
    const { maxRetries = DEFAULTS.maxRetries, intervalMs = DEFAULTS.intervalMs, only, except = [] } = options;
    this.maxRetries = maxRetries;
    this.delayMs = typeof intervalMs === 'function' ? intervalMs : () => intervalMs;
    this.only = only && [...only];
    this.except = [...except];
    Object.freeze(this);
  }

  accepts(error: Error): boolean {
    if (this.except.some((type) => error instanceof type)) return false;
    return this.only === undefined ? !isFinal(error) : this.only.some((type) => error instanceof type);
  }
}

function isFinal(error: Error): boolean {
  return isGatewayError(error) && error.origin !== 'remote' && FINAL.has(error.code);
}

function retries(value: unknown): string | undefined {
  return value === Infinity ? undefined : integer(0)(value)?.replace(', got', ', or Infinity, got');
}

function interval(value: unknown): string | undefined {
  return typeof value === 'function' ? undefined : atLeast(0)(value)?.replace(', got', ', or a function, got');
}

function errorClasses(value: unknown): string | undefined {
  if (!Array.isArray(value) || value.length === 0) return 'must be an array of at least one class of errors';
  const bad = value.findIndex((type) => !isErrorClass(type));
  return bad < 0 ? undefined : `[${bad}] must be a class of errors, got ${show(value[bad])}`;
}

function isErrorClass(value: unknown): boolean {
  return typeof value === 'function' && (value === Error || value.prototype instanceof Error);
}

function missing(options: unknown, keys: string[], path: string): ConfigurationProblem[] {
  if (!isPlainObject(options)) return [];
  return keys
    .filter((key) => options[key] === undefined)
    .map((key) => ({ path: `${path}.${key}`, message: 'is required' }));
}
