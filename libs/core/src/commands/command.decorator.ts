import type { Type } from '@nestjs/common';
import { ConfigurationError } from '../errors.js';
import type { AnyFunction } from '../pools/operation.js';
import type { Unwrapped } from '../pools/result.js';
import { recordClass, recordMethod, type CommandClass, type CommandDefinition } from './command.definition.js';
import type { CommandOptions, FallbackOption } from './command.options.js';
import { connect, executeOn } from './connection.js';

/* eslint-disable typescript/no-explicit-any -- any method must be assignable, whatever its arguments */

/** The named fallback is a public method of the same class. */
export type FallbackNamed<K extends string> = <T extends Record<K, (error: any, ...args: any[]) => unknown>>(
  target: T,
  method: string | symbol,
  descriptor: PropertyDescriptor,
) => void;

/** The fallback's result is assignable to the method's. */
export type FallbackGiven<A extends any[], F> = <M extends (...args: any[]) => any>(
  target: object,
  method: string | symbol,
  descriptor: TypedPropertyDescriptor<M> &
    ([F] extends [Unwrapped<ReturnType<M>>]
      ? ((...args: A) => void) extends (...args: Parameters<M>) => void
        ? unknown
        : 'fallback takes other arguments'
      : 'fallback returns another type'),
) => void;

/**
 * What goes out: a call to something that may be slow, full or broken. On a method: calling it runs it in the pool
 * `group`, and returns a promise from then on. On a class with `run` (and perhaps `fallback`): `Commands` runs it.
 *
 * @example
 * ```ts
 * @Command({ group: 'service.session', fallback: 'anonymous' })
 * async currentUser(cookie: string): Promise<number | null> { … currentCall().signal … }
 * anonymous(error: Error, cookie: string) { return null; }
 * ```
 */
export function Command(
  options: CommandOptions & { fallback?: undefined },
): MethodDecorator & (<C extends CommandClass>(target: C) => void);
export function Command<K extends string>(options: CommandOptions & { fallback: K }): FallbackNamed<K>;
export function Command<A extends any[], F>(
  options: CommandOptions & { fallback: (error: Error, ...args: A) => F },
): FallbackGiven<A, Unwrapped<F>>;
export function Command(options: CommandOptions & { fallback?: FallbackOption }): any {
  return (target: object, method?: string | symbol, descriptor?: PropertyDescriptor): void => {
    if (method === undefined) decorateClass(target as CommandClass, options);
    else decorateMethod(target, method, descriptor, options);
  };
}

/* eslint-enable typescript/no-explicit-any */

function decorateClass(type: CommandClass, options: CommandDefinition['options']): void {
  const run = type.prototype.run as AnyFunction | undefined;
  if (typeof run !== 'function') throw misplaced(type.name, 'a class with @Command needs a method run()');
  recordClass({ place: type.name, options, type, method: undefined, target: run });
}

function decorateMethod(
  prototype: object,
  method: string | symbol,
  descriptor: PropertyDescriptor | undefined,
  options: CommandDefinition['options'],
): void {
  const owner = typeof prototype === 'function' ? prototype : prototype.constructor;
  const place = `${owner.name}.${String(method)}`;
  const target = descriptor?.value as AnyFunction | undefined;
  if (typeof prototype === 'function')
    throw misplaced(place, '@Command goes on methods of instances, not on static ones');
  if (typeof target !== 'function') throw misplaced(place, '@Command goes on methods and classes');
  const type = prototype.constructor as Type<unknown>;
  const definition: CommandDefinition = { place, options, type, method, target };
  function command(this: object | undefined, ...args: unknown[]): Promise<unknown> {
    return executeOn(this, definition, args);
  }
  takeOn(command, target);
  recordMethod(prototype, method, definition);
  connect(prototype, place);
  descriptor!.value = command;
}

/** Other decorators may have left metadata on the method, and read its name and length. */
function takeOn(wrapper: object, target: AnyFunction): void {
  for (const property of ['name', 'length']) {
    Object.defineProperty(wrapper, property, Object.getOwnPropertyDescriptor(target, property)!);
  }
  for (const key of Reflect.getOwnMetadataKeys(target)) {
    Reflect.defineMetadata(key, Reflect.getOwnMetadata(key, target), wrapper);
  }
}

function misplaced(path: string, message: string): ConfigurationError {
  return new ConfigurationError([{ path, message }]);
}
