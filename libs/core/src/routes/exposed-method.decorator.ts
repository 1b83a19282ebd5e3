import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { TransportName } from '../call.js';
import { isPlainObject } from '../options.js';
import { ANY_TRANSPORT, entrypoint, type Entrypoint } from './entrypoint.js';
import { namespaceOf, recordNamespace, recordsRoute } from './route.definition.js';
import { exposedMethodShape, type ExposedMethodOptions } from './route.options.js';

/** Callable by name, over every transport that serves the kind `method`. */
export interface MethodEntrypoint extends Entrypoint {
  readonly kind: 'method';
  readonly options: Readonly<{
    name: string;
    private?: boolean;
    params?: readonly string[];
    schema?: StandardSchemaV1;
    transports?: readonly TransportName[];
  }>;
}

/**
 * A method that others may call by `name`, over every RPC transport of the app.
 *
 * @example
 * ```ts
 * @ExposedMethod('users.find', { params: ['id'] })
 * find(id: number) { return this.users.get(id); }
 * ```
 */
export function ExposedMethod(name: string, options?: ExposedMethodOptions): MethodDecorator;
/** Its name is that of the method. */
export function ExposedMethod(options?: ExposedMethodOptions): MethodDecorator;
export function ExposedMethod(first?: string | ExposedMethodOptions, second?: ExposedMethodOptions): MethodDecorator {
  const options = (isPlainObject(first) ? first : second) ?? {};
  const given = isPlainObject(first) ? undefined : (first as string | undefined);
  const { private: isPrivate, params, schema, transports, ...route } = options;
  return recordsRoute('@ExposedMethod', (method) => ({
    decorator: '@ExposedMethod',
    method,
    options: route,
    given: options,
    shape: exposedMethodShape,
    entrypoint: (type) => {
      const prefix = namespaceOf(type);
      const name = prefix === undefined ? (given ?? method) : `${prefix}.${given ?? method}`;
      return entrypoint(ANY_TRANSPORT, 'method', { name, private: isPrivate, params, schema, transports });
    },
  }));
}

/** Before the names of all exposed methods of a class: `users` makes `find` `users.find`. */
export function ExposedNamespace(prefix: string): ClassDecorator {
  return (type) => recordNamespace(type, prefix);
}

const NAME = /^\w+(\.\w+)*$/;

/** What is wrong with the name of an exposed method, as the end of a sentence. */
export function wrongMethodName(name: unknown): string | undefined {
  if (typeof name !== 'string' || !NAME.test(name)) {
    return 'must be letters, digits and underscores, in parts separated by dots';
  }
  if (name.startsWith('rpc.')) return 'begins with "rpc.", which is reserved';
  return name in Object.prototype ? 'is what every object has; peers must not mistake one for the other' : undefined;
}
