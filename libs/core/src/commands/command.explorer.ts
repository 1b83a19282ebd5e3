import type { Type } from '@nestjs/common';
import type { DiscoveryService } from '@nestjs/core';
import type { ConfigurationProblem } from '../errors.js';
import type { Pools } from '../pools/pool.registry.js';
import { classDefinitions, methodDefinitions, type CommandDefinition } from './command.definition.js';
import { commandProblems } from './command.options.js';
import type { CommandRegistry } from './command.registry.js';
import { commandsInjectedInto } from './inject-command.js';

/** Finds every command of the app, once, at bootstrap; says all that is wrong with them, or has them composed. */
export class CommandExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly registry: CommandRegistry,
    private readonly pools: Pools,
    private readonly strictPools: boolean,
  ) {}

  explore(): ConfigurationProblem[] {
    const types = this.types();
    const found = [...types].flatMap((type) => [
      classDefinitions(type),
      ...methodDefinitions(type.prototype as object),
    ]);
    const definitions = new Set(found.flat());
    const problems = [
      ...found.flatMap(decoratedTwice),
      ...[...definitions].flatMap((definition) => this.problemsOf(definition)),
      ...sameKeys([...definitions]),
      ...[...types].flatMap((type) => missingCommands(type, types)),
    ];
    if (problems.length === 0) for (const definition of definitions) this.registry.operation(definition);
    return problems;
  }

  private types(): Set<Type<unknown>> {
    const wrappers = [...this.discovery.getProviders(), ...this.discovery.getControllers()];
    const types = wrappers.map(({ metatype, instance }) => {
      const made = metatype && isClass(metatype) ? metatype : (instance as object | null)?.constructor;
      return made as Type<unknown> | undefined;
    });
    return new Set(types.filter((type) => type !== undefined && isClass(type)));
  }

  private problemsOf({ place, options, type, method }: CommandDefinition): ConfigurationProblem[] {
    const problems = commandProblems(options, place);
    const { group, fallback } = options ?? {};
    if (this.strictPools && typeof group === 'string' && !this.pools.isRegistered(group)) {
      const known = this.pools.groups().join(', ') || 'none';
      problems.push({
        path: `${place}.group`,
        message: `"${group}" is not registered (strictPools; there are: ${known})`,
      });
    }
    if (typeof fallback !== 'string') return problems;
    if (method === undefined) {
      problems.push({ path: `${place}.fallback`, message: 'is not for classes: give the class a method fallback()' });
    } else if (typeof (type.prototype as Record<string, unknown>)[fallback] !== 'function') {
      problems.push({ path: `${place}.fallback`, message: `${type.name} has no method "${fallback}"` });
    }
    return problems;
  }
}

function isClass(value: unknown): value is Type<unknown> {
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

function missingCommands(consumer: Type<unknown>, types: Set<Type<unknown>>): ConfigurationProblem[] {
  return commandsInjectedInto(consumer).flatMap((command) => {
    const path = `${consumer.name} @InjectCommand(${command?.name})`;
    if (classDefinitions(command).length === 0) return [{ path, message: 'is not for a class without @Command' }];
    return types.has(command) ? [] : [{ path, message: `${command.name} is no provider of this app` }];
  });
}
