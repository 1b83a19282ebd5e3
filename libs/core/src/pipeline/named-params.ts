import type { StandardSchemaV1 } from '@standard-schema/spec';
import { InvalidCallError } from '../errors.js';
import { isPlainObject } from '../options.js';
import { validated } from './standard-schema.js';

/** What an exposed method says of its parameters. */
export interface Params {
  /** For messages: the name of the method. */
  readonly method: string;
  readonly names: readonly string[] | undefined;
  /** Those of the names that have no default value; a `schema` says so itself. */
  readonly required: readonly string[];
  readonly schema: StandardSchemaV1 | undefined;
}

/** The arguments of a handler without parameter decorators; a promise only where the schema is async. */
export function argumentsOf(params: Params, payload: unknown): readonly unknown[] | Promise<readonly unknown[]> {
  const { names, schema } = params;
  if (names === undefined && schema === undefined) return spread(payload);
  if (Array.isArray(payload) && schema === undefined) {
    checkNames(params, namesOf(params, payload));
    return payload;
  }
  const named = namedOf(params, payload);
  return named instanceof Promise ? named.then((later) => ordered(names, later)) : ordered(names, named);
}

/** What `@Payload()` gives: the object that `names` or `schema` ask for, as the schema makes it; else what was sent. */
export function namedOf(params: Params, payload: unknown): unknown {
  const { names, schema, method } = params;
  if (names === undefined && schema === undefined) return payload;
  const named = toObject(params, payload);
  if (schema !== undefined) return validated(schema, named, method);
  checkNames(params, Object.keys(named));
  return named;
}

/** As they came: positional ones one by one, an object alone. */
export function spread(payload: unknown): readonly unknown[] {
  if (Array.isArray(payload)) return payload;
  return payload === undefined || payload === null ? [] : [payload];
}

function ordered(names: readonly string[] | undefined, named: unknown): readonly unknown[] {
  if (names === undefined || !isPlainObject(named)) return [named];
  return names.map((name) => (Object.hasOwn(named, name) ? named[name] : undefined));
}

function toObject(params: Params, payload: unknown): Record<string, unknown> {
  if (payload === undefined || payload === null) return {};
  if (isPlainObject(payload)) return payload;
  if (Array.isArray(payload)) {
    if (params.names !== undefined) {
      const names = namesOf(params, payload);
      return Object.fromEntries(payload.map((value, index) => [names[index]!, value]));
    }
    if (payload.length === 1 && isPlainObject(payload[0])) return payload[0];
  }
  throw new InvalidCallError(`${params.method} takes named parameters, in one object`);
}

/** Of positional parameters, by their place. */
function namesOf({ method, names }: Params, payload: readonly unknown[]): readonly string[] {
  if (payload.length <= names!.length) return names!.slice(0, payload.length);
  const message = `${method} takes ${names!.length} parameters (${names!.join(', ')}), got ${payload.length}`;
  throw new InvalidCallError(message);
}

function checkNames({ method, names, required }: Params, given: readonly string[]): void {
  const issues = [
    ...required.filter((name) => !given.includes(name)).map((path) => ({ path, message: 'is missing' })),
    ...given.filter((name) => !names!.includes(name)).map((path) => ({ path, message: 'is no parameter' })),
  ];
  if (issues.length === 0) return;
  const listed = issues.map(({ path, message }) => `${path} ${message}`).join(', ');
  throw new InvalidCallError(`${method} takes the parameters ${names!.join(', ')}: ${listed}`, issues);
}
