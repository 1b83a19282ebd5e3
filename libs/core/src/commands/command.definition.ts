import type { Type } from '@nestjs/common';
import type { AnyFunction } from '../pools/operation.js';
import type { Result, Unwrapped } from '../pools/result.js';
import type { CommandOptions, FallbackOption } from './command.options.js';

/** An operation that deserves a class of its own. */
// eslint-disable-next-line typescript/no-explicit-any -- any handler must be assignable, whatever its arguments
export interface CommandHandler<A extends any[] = any[], R = any> {
  run(...args: A): Result<R>;
  fallback?(error: Error, ...args: A): Result<R>;
}
export type CommandClass = Type<CommandHandler>;
export type CommandArgs<C extends CommandClass> = Parameters<InstanceType<C>['run']>;
export type CommandResult<C extends CommandClass> = Unwrapped<ReturnType<InstanceType<C>['run']>>;

/** What `@Command` recorded; nothing is done with it before bootstrap. */
export interface CommandDefinition {
  /** For messages: `Sessions.currentUser`, or `GetCurrentUser`. */
  readonly place: string;
  readonly options: CommandOptions & { fallback?: FallbackOption };
  /** The class it stands in, or is. */
  readonly type: Type<unknown>;
  /** Undefined for a class. */
  readonly method: string | symbol | undefined;
  /** What the decorator found; of a class, its `run`. */
  readonly target: AnyFunction;
}

const ofMethods = new WeakMap<object, Map<string | symbol, CommandDefinition[]>>();
const ofClasses = new WeakMap<object, CommandDefinition[]>();

/** By its place and not by the function, which another decorator may wrap in its turn. */
export function recordMethod(prototype: object, method: string | symbol, definition: CommandDefinition): void {
  const methods = ofMethods.get(prototype) ?? new Map<string | symbol, CommandDefinition[]>();
  ofMethods.set(prototype, methods.set(method, [...(methods.get(method) ?? []), definition]));
}

export function recordClass(definition: CommandDefinition): void {
  ofClasses.set(definition.type, [...classDefinitions(definition.type), definition]);
}

export function classDefinitions(type: object): CommandDefinition[] {
  return ofClasses.get(type) ?? [];
}

/** Of each method of a class, the inherited ones included. */
export function methodDefinitions(prototype: object): CommandDefinition[][] {
  const found = new Map<string | symbol, CommandDefinition[]>();
  for (let level = prototype; level !== Object.prototype && level !== null; level = Object.getPrototypeOf(level)) {
    for (const key of Reflect.ownKeys(level)) {
      if (!found.has(key)) found.set(key, ofMethods.get(level)?.get(key) ?? []);
    }
  }
  return [...found.values()].filter((definitions) => definitions.length > 0);
}
