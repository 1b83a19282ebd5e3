import type { CallOptions } from '../call.js';
import { checkCallOptions } from '../call.options.js';
import type { CommandArgs, CommandClass, CommandResult } from './command.definition.js';
import type { CommandRegistry } from './command.registry.js';
import { QueuedCall, type QueuedCommand } from './queued-command.js';

/**
 * Runs command classes.
 *
 * @example
 * ```ts
 * const user = await commands.execute(GetCurrentUser, cookie);
 * const soon = commands.with({ timeoutMs: 200 }).queue(GetCurrentUser, cookie);
 * ```
 */
export class Commands {
  constructor(
    private readonly registry: CommandRegistry,
    private readonly options?: CallOptions,
  ) {}

  /** @throws ConfigurationError when `command` has no `@Command`, or is no provider of this app */
  execute<C extends CommandClass>(command: C, ...args: CommandArgs<C>): Promise<CommandResult<C>> {
    try {
      return this.registry.executionOf(command, args, this.options).submit<CommandResult<C>>();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Starts at once and can be called off. @throws ConfigurationError as `execute` rejects with */
  queue<C extends CommandClass>(command: C, ...args: CommandArgs<C>): QueuedCommand<CommandResult<C>> {
    return new QueuedCall(this.registry.executionOf(command, args, this.options));
  }

  /** The same, for these calls only. @throws ConfigurationError for bad options */
  with(options: CallOptions): Commands {
    checkCallOptions(options);
    const inherited = this.options?.headers;
    const headers = options.headers ? { ...inherited, ...options.headers } : inherited;
    return new Commands(this.registry, { ...this.options, ...options, headers });
  }
}
