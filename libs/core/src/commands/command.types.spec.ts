import type { Observable } from 'rxjs';
import { describe, expectTypeOf, it } from 'vitest';
import { Command } from './command.decorator.js';
import type { CommandArgs, CommandHandler, CommandResult } from './command.definition.js';
import type { Commands } from './commands.js';
import type { QueuedCommand } from './queued-command.js';

/* What must not compile is marked: `npm run typecheck` fails where it does. */

@Command({ group: 'users' })
class GetUser implements CommandHandler<[cookie: string, deep?: boolean], number | null> {
  run(_cookie: string, _deep?: boolean): Observable<number | null> {
    throw new Error('never run');
  }

  fallback(_error: Error, _cookie: string): null {
    return null;
  }
}

describe('a fallback that is named', () => {
  it('is a public method of the same class', () => {
    abstract class Users {
      readonly field = 1;

      @Command({ group: 'users', fallback: 'anonymous' })
      async load(_cookie: string): Promise<number | null> {
        return 1;
      }

      @Command({ group: 'users', fallback: 'later' })
      async abstractly(): Promise<number> {
        return 1;
      }

      // @ts-expect-error -- there is no such method
      @Command({ group: 'users', fallback: 'anonimous' })
      async misspelt(): Promise<number> {
        return 1;
      }

      // @ts-expect-error -- that is no method
      @Command({ group: 'users', fallback: 'field' })
      async byField(): Promise<number> {
        return 1;
      }

      // @ts-expect-error -- it is called from outside of the class
      @Command({ group: 'users', fallback: 'hidden' })
      async byProtected(): Promise<number> {
        return 1;
      }

      anonymous(_error: Error, _cookie: string): null {
        return null;
      }

      abstract later(error: Error): number;

      protected hidden(): number {
        return this.field;
      }
    }
    expectTypeOf<Users['load']>().returns.toEqualTypeOf<Promise<number | null>>();
  });
});

describe('a fallback that is a function', () => {
  const nobody = (): null => null;
  const first = (_error: Error, cookie: string): number => cookie.length;
  const second = (_error: Error, _cookie: string, deep: boolean): number => Number(deep);
  const wrong = (_error: Error, count: number): number => count;
  const text = (): string => 'text';
  const later = async (): Promise<number> => 1;

  it('answers what the method does, and takes no other arguments', () => {
    class Users {
      @Command({ group: 'users', fallback: nobody })
      async narrower(_cookie: string): Promise<number | null> {
        return 1;
      }

      @Command({ group: 'users', fallback: first })
      async withArguments(_cookie: string): Promise<number> {
        return 1;
      }

      @Command({ group: 'users', fallback: later })
      sync(): number {
        return 1;
      }

      @Command({ group: 'users', fallback: later })
      observed(): Observable<number> {
        throw new Error('never run');
      }

      // @ts-expect-error -- it answers null, which the method does not
      @Command({ group: 'users', fallback: nobody })
      async wider(): Promise<number> {
        return 1;
      }

      // @ts-expect-error -- it answers another type
      @Command({ group: 'users', fallback: text })
      async other(): Promise<number> {
        return 1;
      }

      // @ts-expect-error -- it wants an argument of another type
      @Command({ group: 'users', fallback: wrong })
      async otherArgument(_cookie: string): Promise<number> {
        return 1;
      }

      // @ts-expect-error -- it wants an argument that the method does not get
      @Command({ group: 'users', fallback: second })
      async fewerArguments(_cookie: string): Promise<number> {
        return 1;
      }
    }
    expectTypeOf<Users['narrower']>().returns.toEqualTypeOf<Promise<number | null>>();
  });
});

describe('@Command on a class', () => {
  it('needs run(), and takes no fallback beside the method', () => {
    const onClass = (): void => {
      // @ts-expect-error -- without run() it is no command
      @Command({ group: 'users' })
      class WithoutRun {
        walk(): void {}
      }

      // @ts-expect-error -- its fallback is a method
      @Command({ group: 'users', fallback: 'instead' })
      class Named {
        run(): void {}
        instead(): void {}
      }
      void [WithoutRun, Named];
    };
    expectTypeOf(onClass).toBeFunction();
  });

  it('needs a group, and knows every option', () => {
    // @ts-expect-error -- a command is in a pool
    void Command({});
    // @ts-expect-error -- it is called timeoutMs
    void Command({ group: 'users', timeout: 5 });
    // @ts-expect-error -- how often in all is for the author to say
    void Command({ group: 'users', retry: {} });
    expectTypeOf(Command<string>)
      .parameter(0)
      .toHaveProperty('group')
      .toBeString();
  });
});

describe('Commands', () => {
  it('knows the arguments and the result of each command', () => {
    expectTypeOf<CommandArgs<typeof GetUser>>().toEqualTypeOf<[cookie: string, deep?: boolean]>();
    expectTypeOf<CommandResult<typeof GetUser>>().toEqualTypeOf<number | null>();

    const use = (commands: Commands): void => {
      expectTypeOf(commands.execute(GetUser, 'a')).toEqualTypeOf<Promise<number | null>>();
      expectTypeOf(commands.with({}).queue(GetUser, 'a', true)).toEqualTypeOf<QueuedCommand<number | null>>();
      // @ts-expect-error -- it needs a cookie
      void commands.execute(GetUser);
      // @ts-expect-error -- a cookie is a string
      void commands.queue(GetUser, 7);
      // @ts-expect-error -- there is no third argument
      void commands.execute(GetUser, 'a', true, 1);
      // @ts-expect-error -- that is no command
      void commands.execute(Date);
      // @ts-expect-error -- a call has no such option
      void commands.with({ timeout: 5 });
    };
    expectTypeOf(use).toBeFunction();
  });
});
