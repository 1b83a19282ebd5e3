import { Inject, type InjectionToken } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { ConfigurationError, type ConfigurationProblem } from './errors.js';

/**
 * Nest injects its modules into every instance it makes of that class, whatever the scope, and `receive` gets them
 * while the instance is made. `key` is the property that stands for it.
 */
export function receiveModules<T extends object>(
  prototype: T,
  key: symbol,
  receive: (instance: T, modules: ModulesContainer) => void,
): void {
  Object.defineProperty(prototype, key, {
    configurable: true,
    get: () => undefined,
    set(this: T, modules: ModulesContainer) {
      receive(this, modules);
    },
  });
  Inject(ModulesContainer)(prototype, key);
}

export function isProvided(modules: ModulesContainer, token: InjectionToken): boolean {
  return [...modules.values()].some(({ providers }) => providers.has(token));
}

/** Where no module of the app provides `token`, an instance of the class fails the bootstrap with `problem`. */
export function requireProvider(prototype: object, token: InjectionToken, problem: ConfigurationProblem): void {
  receiveModules(prototype, Symbol('sallyport.required'), (_instance, modules) => {
    if (!isProvided(modules, token)) throw new ConfigurationError([problem]);
  });
}
