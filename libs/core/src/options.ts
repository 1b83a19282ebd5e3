import { ConfigurationError, type ConfigurationProblem } from './errors.js';
import { nearest } from './nearest.js';

/** Says what is wrong with a value, as the end of a sentence that starts with its path; undefined: nothing. */
export type Check = (value: unknown) => string | undefined;
/** The keys an options object may have. Nested shapes are objects of the same kind. */
export type Shape = { readonly [key: string]: Check | Shape };

export function integer(least: number): Check {
  return (value) =>
    Number.isSafeInteger(value) && (value as number) >= least
      ? undefined
      : `must be a whole number of at least ${least}, got ${show(value)}`;
}

export function positive(value: unknown): string | undefined {
  return typeof value === 'number' && value > 0 && Number.isFinite(value)
    ? undefined
    : `must be a number above 0, got ${show(value)}`;
}

export function atLeast(least: number): Check {
  return (value) =>
    typeof value === 'number' && value >= least && Number.isFinite(value)
      ? undefined
      : `must be a number of at least ${least}, got ${show(value)}`;
}

/** Above 0, at most 1. */
export function ratio(value: unknown): string | undefined {
  return typeof value === 'number' && value > 0 && value <= 1
    ? undefined
    : `must be a ratio above 0 and at most 1, got ${show(value)}`;
}

export function boolean(value: unknown): string | undefined {
  return typeof value === 'boolean' ? undefined : `must be true or false, got ${show(value)}`;
}

/** For what is looked into by a function that can name the fields. */
export function object(value: unknown): string | undefined {
  return isPlainObject(value) ? undefined : 'must be an object';
}

export function callable(value: unknown): string | undefined {
  return typeof value === 'function' ? undefined : `must be a function, got ${show(value)}`;
}

export function name(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== ''
    ? undefined
    : `must be a string that is not empty, got ${show(value)}`;
}

export function oneOf(...allowed: unknown[]): Check {
  return (value) =>
    allowed.includes(value) ? undefined : `must be one of ${allowed.map(show).join(', ')}, got ${show(value)}`;
}

export function falseOr(check: Check): Check {
  return (value) => (value === false ? undefined : check(value)?.replace('must be', 'must be false or'));
}

/** Everything that is wrong with `value` as an object of that shape; keys that are `undefined` count as absent. */
export function problemsOf(value: unknown, shape: Shape, path: string): ConfigurationProblem[] {
  if (!isPlainObject(value)) return [{ path, message: `must be an object, got ${show(value)}` }];
  return Object.entries(value).flatMap(([key, given]) => {
    const at = path ? `${path}.${key}` : key;
    const expected = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (expected === undefined) return [{ path: at, message: unknownKey(key, Object.keys(shape)) }];
    if (given === undefined) return [];
    if (typeof expected !== 'function') return problemsOf(given, expected, at);
    const message = expected(given);
    return message === undefined ? [] : [{ path: at, message }];
  });
}

export function failOn(problems: ConfigurationProblem[]): void {
  if (problems.length > 0) throw new ConfigurationError(problems);
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unknownKey(key: string, known: string[]): string {
  const sameButForCase = known.find((candidate) => candidate.toLowerCase() === key.toLowerCase());
  const close = sameButForCase ?? nearest(key, known);
  return `is not an option${close ? `; did you mean ${close}?` : ` (there are: ${known.join(', ')})`}`;
}

/** As much of a value as a message needs: never what is in an object. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`;
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return String(value);
}
