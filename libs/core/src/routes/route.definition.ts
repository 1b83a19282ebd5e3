import type { Type } from '@nestjs/common';
import type { Shape } from '../options.js';
import { ConfigurationError } from '../errors.js';
import type { Entrypoint } from './entrypoint.js';
import type { RouteOptions } from './route.options.js';

/** What a decorator recorded; nothing is done with it before bootstrap. */
export interface RouteDefinition {
  /** For messages: `@ExposedMethod`. */
  readonly decorator: string;
  readonly method: string;
  readonly options: RouteOptions;
  /** The options as they were given, which may hold anything, and what they may hold. */
  readonly given: unknown;
  readonly shape: Shape;
  /** `type` is the class that is made, which may inherit the method and give it another namespace. */
  entrypoint(type: Type<object>, service: string): Entrypoint;
}

const ofMethods = new WeakMap<object, Map<string, RouteDefinition[]>>();
const namespaces = new WeakMap<object, string>();

/** A decorator that records a route of the method it stands on. */
export function recordsRoute(decorator: string, define: (method: string) => RouteDefinition): MethodDecorator {
  return (target, key, descriptor) => {
    const owner = typeof target === 'function' ? target : target.constructor;
    const place = `${owner.name}.${String(key)}`;
    if (typeof target === 'function')
      throw misplaced(place, `${decorator} goes on methods of instances, not on static ones`);
    if (typeof descriptor?.value !== 'function') throw misplaced(place, `${decorator} goes on methods`);
    if (typeof key !== 'string') throw misplaced(place, `${decorator} goes on methods whose name is a string`);
    const methods = ofMethods.get(target) ?? new Map<string, RouteDefinition[]>();
    // Decorators run from the last to the first.
    ofMethods.set(target, methods.set(key, [define(key), ...(methods.get(key) ?? [])]));
  };
}

export function recordNamespace(type: object, prefix: string): void {
  namespaces.set(type, prefix);
}

/** Its own, or the nearest that it inherits. */
export function namespaceOf(type: object): string | undefined {
  for (let level: object | null = type; level !== null; level = Object.getPrototypeOf(level)) {
    const prefix = namespaces.get(level);
    if (prefix !== undefined) return prefix;
  }
  return undefined;
}

/** Of every method of a class, the inherited ones included; one that is overridden has the routes it is given there. */
export function routeDefinitions(prototype: object): RouteDefinition[] {
  const found = new Map<string, RouteDefinition[]>();
  for (let level = prototype; level !== Object.prototype && level !== null; level = Object.getPrototypeOf(level)) {
    for (const key of Object.getOwnPropertyNames(level)) {
      if (!found.has(key)) found.set(key, ofMethods.get(level)?.get(key) ?? []);
    }
  }
  return [...found.values()].flat();
}

function misplaced(path: string, message: string): ConfigurationError {
  return new ConfigurationError([{ path, message }]);
}
