import type { ConfigurationProblem } from '../errors.js';
import { atLeast, boolean, integer, name, problemsOf, show, type Shape } from '../options.js';
import { entrypoint, type Entrypoint } from '../routes/entrypoint.js';
import { cronProblem } from './cron-expression.js';

interface TimerOptions {
  /** Each tick comes up to that much late, at random, so that instances do not act together, in ms. @default 0 */
  jitterMs?: number;
  /** True: on one instance of the service at a time. @default false */
  single?: boolean;
}

export interface EveryOptions extends TimerOptions {
  /** True: the first run is at once, and not after one interval. @default false */
  eager?: boolean;
}

export interface CronOptions extends TimerOptions {
  /** By its IANA name. @default the one of the process */
  timeZone?: string;
}

/** What an entrypoint of a timer holds. */
export interface TimerData extends EveryOptions, CronOptions {
  /** Of `every`. */
  ms?: number;
  /** Of `cron`. */
  expression?: string;
}

const timerShape = { jitterMs: atLeast(0), single } satisfies Shape;
const shapes: Record<string, Shape> = {
  every: { ...timerShape, ms: integer(1), eager: boolean },
  cron: { ...timerShape, expression: name, timeZone },
};

/**
 * A route that runs every `ms`, counted from when the app is up, with the scheduled time as ISO 8601 in UTC. It never
 * overlaps itself, and does not drift.
 *
 * @example
 * ```ts
 * @Route(every(60_000, { eager: true }))
 * async refresh(scheduledAt: string) {}
 * ```
 */
export function every(ms: number, options: EveryOptions = {}): Entrypoint {
  return entrypoint('timer', 'every', { ...options, ms });
}

/**
 * A route that runs when a crontab line says so, with the scheduled time as ISO 8601 in UTC. It never overlaps itself.
 *
 * @example
 * ```ts
 * @Route(cron('30 3 * * mon-fri', { timeZone: 'Europe/Berlin' }))
 * async report(scheduledAt: string) {}
 * ```
 */
export function cron(expression: string, options: CronOptions = {}): Entrypoint {
  return entrypoint('timer', 'cron', { ...options, expression });
}

/** All that is wrong with a timer; `place` is its handler. */
export function timerProblems({ kind, options }: Entrypoint, place: string): ConfigurationProblem[] {
  const path = `${place} ${kind}()`;
  const shape = Object.hasOwn(shapes, kind) ? shapes[kind] : undefined;
  if (shape === undefined) return [{ path, message: `is no timer (there are: ${Object.keys(shapes).join(', ')})` }];
  const problems = problemsOf(options, shape, path);
  if (problems.length > 0) return problems;
  const wrong = kind === 'every' ? wrongInterval(options) : wrongExpression(options);
  return wrong === undefined ? [] : [{ path: `${path}.${wrong.key}`, message: wrong.message }];
}

/** Each on its own may be right, and together they are not. */
function wrongInterval({ ms, jitterMs = 0 }: TimerData): { key: string; message: string } | undefined {
  if (ms === undefined) return { key: 'ms', message: 'is required' };
  return jitterMs <= ms
    ? undefined
    : { key: 'jitterMs', message: `must be at most the interval, ${ms} ms, got ${jitterMs}` };
}

function wrongExpression({ expression, timeZone: zone }: TimerData): { key: string; message: string } | undefined {
  const message = expression === undefined ? 'is required' : cronProblem(expression, zone);
  return message === undefined ? undefined : { key: 'expression', message };
}

function timeZone(value: unknown): string | undefined {
  return isTimeZone(value) ? undefined : `must be the IANA name of a time zone, got ${show(value)}`;
}

function isTimeZone(value: unknown): boolean {
  try {
    return typeof value === 'string' && Intl.DateTimeFormat('en', { timeZone: value }) !== undefined;
  } catch {
    return false;
  }
}

function single(value: unknown): string | undefined {
  if (value !== true) return boolean(value);
  return 'needs a lease that the instances of the service share, through amqp() or Redis, and no transport of this app gives one';
}
