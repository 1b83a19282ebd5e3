import type { ModulesContainer } from '@nestjs/core';
import { ConfigurationError } from '../errors.js';
import { isProvided, receiveModules } from '../modules.js';
import type { CommandDefinition } from './command.definition.js';
import { CommandRegistry } from './command.registry.js';

const MODULES = Symbol('sallyport.modules');
const REGISTRY = Symbol('sallyport.commands');

/** Of an instance that Nest made from a class with a command. */
interface Connected {
  [MODULES]?: ModulesContainer;
  [REGISTRY]?: CommandRegistry;
}

/**
 * How a decorated method finds its app: Nest injects its modules into every instance it makes, whatever the scope,
 * and the setter keeps them. The registry itself is looked up at the first call, so that it may in its turn depend
 * on providers that carry commands.
 */
export function connect(prototype: object, place: string): void {
  if (MODULES in prototype) return;
  receiveModules<Connected>(prototype, MODULES, (instance, modules) => {
    if (!isProvided(modules, CommandRegistry)) {
      const missing =
        'is a @Command, but this app has no GatewayModule: import GatewayModule.forRoot() in its root module';
      throw new ConfigurationError([{ path: place, message: missing }]);
    }
    Object.defineProperty(instance, MODULES, { value: modules, configurable: true });
  });
}

export function executeOn(
  owner: Connected | undefined,
  definition: CommandDefinition,
  args: unknown[],
): Promise<unknown> {
  const registry = owner?.[REGISTRY];
  return registry === undefined ? firstCall(owner, definition, args) : registry.execute(definition, owner, args);
}

function firstCall(owner: Connected | undefined, definition: CommandDefinition, args: unknown[]): Promise<unknown> {
  const modules = owner?.[MODULES];
  const registry = modules && registryIn(modules)?.instance;
  if (!(registry instanceof CommandRegistry)) {
    return Promise.reject(new ConfigurationError([{ path: definition.place, message: whyNot(owner, modules) }]));
  }
  Object.defineProperty(owner, REGISTRY, { value: registry, configurable: true });
  return registry.execute(definition, owner, args);
}

function whyNot(owner: object | undefined, modules: ModulesContainer | undefined): string {
  if (owner === undefined) {
    return 'is a @Command and was called without its instance: write `() => service.method()`, not `service.method`';
  }
  return modules === undefined
    ? 'is a @Command, and Nest did not make this instance: inject it (or use ModuleRef.create) instead of `new`, and call no command in a constructor'
    : 'is a @Command and was called before GatewayModule was ready: call it from onModuleInit on';
}

function registryIn(modules: ModulesContainer): { instance: unknown } | undefined {
  for (const { providers } of modules.values()) {
    const found = providers.get(CommandRegistry);
    if (found !== undefined) return found;
  }
  return undefined;
}
