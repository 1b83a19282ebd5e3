import type { StandardSchemaV1 } from '@standard-schema/spec';
import { InvalidCallError } from '../errors.js';

/** What the schema makes of a value; async only where the schema is. @throws InvalidCallError with every issue */
export function validated(schema: StandardSchemaV1, value: unknown, what: string): unknown {
  const result = schema['~standard'].validate(value);
  return result instanceof Promise ? result.then((later) => outputOf(later, what)) : outputOf(result, what);
}

function outputOf(result: StandardSchemaV1.Result<unknown>, what: string): unknown {
  if (result.issues === undefined) return result.value;
  const issues = result.issues.map(({ message, path }) => ({ path: pathOf(path), message }));
  const listed = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  throw new InvalidCallError(`the parameters of ${what} are not valid: ${listed}`, issues);
}

function pathOf(path: StandardSchemaV1.Issue['path']): string {
  return (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
}
