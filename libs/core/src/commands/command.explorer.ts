import type { InjectionToken, Type } from '@nestjs/common';
import type { DiscoveryService, ModulesContainer } from '@nestjs/core';
import type { ConfigurationProblem } from '../errors.js';
import type { Pools } from '../pools/pool.registry.js';
import { classDefinitions, methodDefinitions, type CommandDefinition } from './command.definition.js';
import { commandProblems } from './command.options.js';
import type { CommandRegistry } from './command.registry.js';
import { commandsInjectedInto } from './inject-command.js';

type InstanceWrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** Finds every command of the app, once, at bootstrap; says all that is wrong with them, or has them composed. */
export class CommandExplorer {
  constructor(
    private readonly modules: ModulesContainer,
    private readonly registry: CommandRegistry,
    private readonly pools: Pools,
    private readonly strictPools: boolean,
  ) {}

  explore(): ConfigurationProblem[] {
    const wrappers = this.wrappers();
    const types = typesOf(wrappers);
    const tokens = new Set(wrappers.map(({ token }) => token));
    const found = new Set([
      ...[...types].flatMap((type) => [classDefinitions(type), ...methodDefinitions(type.prototype)]),
      ...[...tokens].filter(isClass).map(classDefinitions),
    ]);
    const definitions = new Set([...found].flat());
    const problems = [
      ...[...found].flatMap(decoratedTwice),
      ...[...definitions].flatMap((definition) => this.problemsOf(definition)),
      ...sameKeys([...definitions]),
      ...[...types].flatMap((type) => [...missingFallbacks(type), ...missingCommands(type, tokens)]),
    ];
    if (problems.length === 0) for (const definition of definitions) this.registry.operation(definition);
    return problems;
  }

  /** Of providers, controllers, and the guards, interceptors, pipes and filters that they name. */
  private wrappers(): InstanceWrapper[] {
    return [...this.modules.values()].flatMap(({ providers, controllers, injectables }) => [
      ...providers.values(),
      ...controllers.values(),
      ...injectables.values(),
    ]);
  }

  private problemsOf({ place, options, method }: CommandDefinition): ConfigurationProblem[] {
    const problems = commandProblems(options, place);
    const { group, fallback } = options ?? {};
    if (this.strictPools && typeof group === 'string' && !this.pools.isRegistered(group)) {
      const known = this.pools.groups().join(', ') || 'none';
      problems.push({
        path: `${place}.group`,
        message: `"${group}" is not registered (strictPools; there are: ${known})`,
      });
    }
    if (typeof fallback === 'string' && method === undefined) {
      problems.push({ path: `${place}.fallback`, message: 'is not for classes: give the class a method fallback()' });
    }
    return problems;
  }
}

/** The classes of what Nest makes, and of what it was given, be it a value or out of a factory. */
function typesOf(wrappers: InstanceWrapper[]): Set<Type<object>> {
  const types = wrappers.map(({ isNotMetatype, metatype, instance }): unknown =>
    isNotMetatype ? (instance as object | null | undefined)?.constructor : metatype,
  );
  return new Set(types.filter(isClass));
}

function isClass(value: unknown): value is Type<object> {
  return typeof value === 'function' && typeof value.prototype === 'object' && value.prototype !== null;
}

function decoratedTwice(definitions: CommandDefinition[]): ConfigurationProblem[] {
  if (definitions.length < 2) return [];
  const groups = definitions.map(({ options }) => `group "${options?.group}"`).join(' and ');
  return [
    { path: definitions[0]!.place, message: `has @Command more than once (${groups}); a command is in one pool` },
  ];
}

function sameKeys(definitions: CommandDefinition[]): ConfigurationProblem[] {
  const first = new Map<string, CommandDefinition>();
  return definitions.flatMap((definition) => {
    const { group, key = definition.place } = definition.options ?? {};
    const name = JSON.stringify([group, key]);
    const other = first.get(name);
    first.set(name, other ?? definition);
    if (other === undefined || (other.type === definition.type && other.method === definition.method)) return [];
    const message = `has the key "${key}" in group "${group}", and so has ${other.place}; keys are unique in a group`;
    return [{ path: definition.place, message }];
  });
}

/** Looked for on the class that is made: an abstract one may leave its fallbacks to those that extend it. */
function missingFallbacks({ name, prototype }: Type<object>): ConfigurationProblem[] {
  const definitions = methodDefinitions(prototype).flat();
  return definitions.flatMap(({ place, options, method }) => {
    const { fallback } = options ?? {};
    if (typeof fallback !== 'string') return [];
    const path = `${place}.fallback`;
    if (fallback === method) return [{ path, message: 'is the command itself' }];
    const found: unknown = (prototype as Record<string, unknown>)[fallback];
    return typeof found === 'function' ? [] : [{ path, message: `${name} has no method "${fallback}"` }];
  });
}

function missingCommands(consumer: Type<object>, tokens: Set<InjectionToken>): ConfigurationProblem[] {
  return commandsInjectedInto(consumer).flatMap((command) => {
    const path = `${consumer.name} @InjectCommand(${command?.name})`;
    if (classDefinitions(command).length === 0) return [{ path, message: 'is not for a class without @Command' }];
    return tokens.has(command) ? [] : [{ path, message: `${command.name} is no provider of this app` }];
  });
}
