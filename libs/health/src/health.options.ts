import { boolean, failOn, problemsOf, show, type Shape } from 'sallyport/internal';

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

const shape: Shape = {
  path: (value) =>
    typeof value === 'string' && PATH.test(value) ? undefined : `must be a path like '/health', got ${show(value)}`,
  details: boolean,
};

/** @throws ConfigurationError with every problem and its path */
export function resolveHealthOptions(options: HealthOptions = {}): ResolvedHealthOptions {
  failOn(problemsOf(options, shape, 'health'));
  const { path = DEFAULTS.path, details = DEFAULTS.details } = options;
  return Object.freeze({ path, details });
}
