import { Inject, type FactoryProvider } from '@nestjs/common';
import type { CommandArgs, CommandClass, CommandResult } from './command.definition.js';
import { Commands } from './commands.js';
import type { QueuedCommand } from './queued-command.js';

/** One command class, ready to be called. */
export interface BoundCommand<C extends CommandClass> {
  execute(...args: CommandArgs<C>): Promise<CommandResult<C>>;
  queue(...args: CommandArgs<C>): QueuedCommand<CommandResult<C>>;
}

/** The classes that somebody injects, each with its token and the places that ask for it. */
const injected = new Map<CommandClass, { token: symbol; places: Set<object> }>();

/** Injects one command class, bound: `@InjectCommand(GetUser) private readonly getUser: BoundCommand<typeof GetUser>`. */
export function InjectCommand(command: CommandClass): ParameterDecorator & PropertyDecorator {
  const known = injected.get(command) ?? { token: Symbol(`command ${command?.name}`), places: new Set() };
  injected.set(command, known);
  const inject = Inject(known.token);
  return (target: object, key: string | symbol | undefined, index?: number) => {
    known.places.add(typeof target === 'function' ? target : target.constructor);
    inject(target, key, index as number);
  };
}

/** The command classes that `consumer` asks for, or inherited the wish for. */
export function commandsInjectedInto(consumer: object): CommandClass[] {
  const lineage: object[] = [];
  for (let type: object | null = consumer; type !== null; type = Object.getPrototypeOf(type)) lineage.push(type);
  return [...injected].filter(([, { places }]) => lineage.some((type) => places.has(type))).map(([command]) => command);
}

export function boundCommandProviders(): FactoryProvider[] {
  return [...injected].map(([command, { token }]) => ({
    provide: token,
    inject: [Commands],
    useFactory: (commands: Commands): BoundCommand<CommandClass> => ({
      execute: (...args) => commands.execute(command, ...args),
      queue: (...args) => commands.queue(command, ...args),
    }),
  }));
}

export function boundCommandTokens(): symbol[] {
  return [...injected.values()].map(({ token }) => token);
}
