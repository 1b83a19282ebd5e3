import type { Type } from '@nestjs/common';
import { ContextIdFactory, ModuleRef, type ModulesContainer } from '@nestjs/core';
import { Scope } from '@nestjs/common';
import { currentCall, type CallOptions } from '../call.js';
import { ConfigurationError } from '../errors.js';
import { Execution } from '../pools/execution.js';
import { composeOperation, type AnyFunction, type Fallback, type Operation } from '../pools/operation.js';
import type { Pools } from '../pools/pool.registry.js';
import {
  classDefinitions,
  type CommandClass,
  type CommandDefinition,
  type CommandHandler,
} from './command.definition.js';

/** Remembers what each command is in this app: its pool, its circuit, its policies. */
export class CommandRegistry {
  private readonly operations = new Map<CommandDefinition, Operation>();
  private readonly owners = new Map<CommandClass, () => CommandHandler>();

  constructor(
    private readonly pools: Pools,
    private readonly moduleRef: ModuleRef,
    private readonly modules: ModulesContainer,
  ) {}

  execute(definition: CommandDefinition, owner: unknown, args: unknown[]): Promise<unknown> {
    return new Execution(this.operation(definition), definition.target, owner, args).submit();
  }

  /** @throws ConfigurationError when `type` is no command, or no provider of this app */
  executionOf(type: CommandClass, args: unknown[], options?: CallOptions): Execution {
    const definition = classDefinitions(type).at(-1);
    if (definition === undefined) throw new ConfigurationError([{ path: type.name, message: 'has no @Command' }]);
    const owner = this.ownerOf(type);
    return new Execution(this.operation(definition), owner.run as AnyFunction, owner, args, options);
  }

  operation(definition: CommandDefinition): Operation {
    const known = this.operations.get(definition);
    if (known !== undefined) return known;
    const operation = this.compose(definition);
    this.operations.set(definition, operation);
    return operation;
  }

  private compose(definition: CommandDefinition): Operation {
    const { group, key = definition.place } = definition.options;
    return composeOperation(this.pools.ensure(group), key, definition.options, fallbackOf(definition));
  }

  private ownerOf(type: CommandClass): CommandHandler {
    let owner = this.owners.get(type);
    if (owner === undefined) this.owners.set(type, (owner = this.findOwner(type)));
    return owner();
  }

  private findOwner(type: CommandClass): () => CommandHandler {
    const scope = this.scopeOf(type);
    if (scope !== Scope.DEFAULT) return () => new ScopedHandler(this.moduleRef, type);
    const instance = this.moduleRef.get(type, { strict: false });
    if (!this.isMade(type, instance)) {
      const message = 'is a @Command that Nest has yet to make: call it from onModuleInit on, not in a constructor';
      throw new ConfigurationError([{ path: type.name, message }]);
    }
    if (Object.hasOwn(instance, 'fallback') && !('fallback' in type.prototype)) {
      throw new ConfigurationError([
        { path: type.name, message: 'has a property fallback; make it a method: fallback()' },
      ]);
    }
    return () => instance;
  }

  /** Until its constructor has run, Nest hands out an object that has the prototype and nothing else. */
  private isMade(type: CommandClass, instance: CommandHandler): boolean {
    const wrappers = [...this.modules.values()].map(({ providers }) => providers.get(type));
    const wrapper = wrappers.find((each) => each?.instance === instance);
    return wrapper === undefined || wrapper.getInstanceByContextId(ContextIdFactory.create()).isResolved === true;
  }

  private scopeOf(type: CommandClass): Scope {
    try {
      return this.moduleRef.introspect(type).scope;
    } catch (cause) {
      const message = 'is a @Command, but no provider of this app: add it to the providers of a module';
      throw new ConfigurationError([{ path: type.name, message }], { cause });
    }
  }
}

function fallbackOf({ options, method, type }: CommandDefinition): Fallback | undefined {
  const { fallback } = options;
  if (typeof fallback === 'function') return (owner, error, args) => Reflect.apply(fallback, owner, [error, ...args]);
  const name = method === undefined ? 'fallback' : fallback;
  if (name === undefined || (method === undefined && !('fallback' in (type.prototype as object)))) return undefined;
  return (owner, error, args) => (owner as Record<string, (...args: unknown[]) => unknown>)[name]!(error, ...args);
}

/** A command class that Nest makes anew for each call; what it injects as REQUEST is the call's context. */
class ScopedHandler implements CommandHandler {
  private instance: Promise<CommandHandler> | undefined;

  constructor(
    private readonly moduleRef: ModuleRef,
    private readonly type: Type<CommandHandler>,
  ) {}

  readonly run = async (...args: unknown[]): Promise<unknown> => (await this.made()).run(...args);

  readonly fallback = async (error: Error, ...args: unknown[]): Promise<unknown> =>
    (await this.made()).fallback!(error, ...args);

  private made(): Promise<CommandHandler> {
    if (this.instance === undefined) {
      const contextId = ContextIdFactory.create();
      this.moduleRef.registerRequestByContextId(currentCall(), contextId);
      this.instance = this.moduleRef.resolve(this.type, contextId, { strict: false });
    }
    return this.instance;
  }
}
