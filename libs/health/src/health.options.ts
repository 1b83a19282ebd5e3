import { ConfigurationError } from 'sallyport';

export interface HealthOptions {
  /** Where the probes are, below the app's global prefix if it has one. @default '/health' */
  path?: string;
  /** True: bodies tell everything about pools, transports and the event loop; false: the status alone. @default false */
  details?: boolean;
}

export type ResolvedHealthOptions = Readonly<Required<HealthOptions>>;

export const HEALTH_OPTIONS = Symbol('HEALTH_OPTIONS');

const DEFAULTS: ResolvedHealthOptions = Object.freeze({ path: '/health', details: false });

/** Literal segments: a probe has no parameters and no wildcards. */
const PATH = /^\/?[\w.~-]+(\/[\w.~-]+)*\/?$/;

const CHECKS: Record<keyof HealthOptions, (value: unknown) => string | undefined> = {
  path: (value) =>
    typeof value === 'string' && PATH.test(value) ? undefined : `must be a path like '/health', got ${show(value)}`,
  details: (value) => (typeof value === 'boolean' ? undefined : `must be true or false, got ${show(value)}`),
};

/** @throws ConfigurationError with every problem and its path */
export function resolveHealthOptions(options: HealthOptions = {}): ResolvedHealthOptions {
  const problems = problemsOf(options);
  if (problems.length > 0) throw new ConfigurationError(problems);
  const { path = DEFAULTS.path, details = DEFAULTS.details } = options;
  return Object.freeze({ path, details });
}

function problemsOf(options: unknown): { path: string; message: string }[] {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    return [{ path: 'health', message: `must be an object, got ${show(options)}` }];
  }
  return Object.entries(options).flatMap(([key, value]) => {
    const message = problemOf(key, value);
    return message === undefined ? [] : [{ path: `health.${key}`, message }];
  });
}

function problemOf(key: string, value: unknown): string | undefined {
  if (!Object.hasOwn(CHECKS, key)) return `is not an option (there are: ${Object.keys(CHECKS).join(', ')})`;
  return value === undefined ? undefined : CHECKS[key as keyof HealthOptions](value);
}

function show(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'function') return 'a function';
  return typeof value === 'object' && value !== null ? 'an object' : (JSON.stringify(value) ?? String(value));
}
