import { Controller, Injectable, UseGuards, type CanActivate, type Provider, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ConfigurationError } from '../errors.js';
import { GatewayModule } from '../gateway.module.js';
import type { GatewayOptions } from '../gateway.options.js';
import { PoolRegistry } from '../pools/pool.registry.js';
import { Command } from './command.decorator.js';
import type { CommandOptions } from './command.options.js';
import { InjectCommand, type BoundCommand } from './inject-command.js';

/** The problems that an app with these providers does not start for, in the form of the message. */
async function problems(
  providers: Provider[],
  options: GatewayOptions = {},
  controllers: Type[] = [],
): Promise<string[]> {
  const imports = [GatewayModule.forRoot(options)];
  const app = await Test.createTestingModule({ imports, providers, controllers }).compile();
  onTestFinished(() => app.close());
  return app.init().then(
    () => [],
    (error: ConfigurationError) => error.problems.map(({ path, message }) => `${path}: ${message}`),
  );
}

/** With options that the types forbid. */
const Unchecked = (options: unknown) => Command(options as CommandOptions);

@Injectable()
class Sessions {
  @Command({ group: 'sessions' })
  async current(): Promise<void> {}

  @Command({ group: 'sessions', key: 'named' })
  async other(): Promise<void> {}
}

describe('an app does not start, and names the places', () => {
  it('for a method decorated twice', async () => {
    class Twice {
      @Command({ group: 'one' })
      @Command({ group: 'two' })
      async load(): Promise<void> {}
    }
    class Again {
      @Command({ group: 'one' })
      @Command({ group: 'one' })
      async load(): Promise<void> {}
    }
    const groups = ['group "two" and group "one"', 'group "one" and group "one"'];
    const messages = groups.map((both) => `has @Command more than once (${both}); a command is in one pool`);
    expect(await problems([Twice, Again])).toEqual([`Twice.load: ${messages[0]}`, `Again.load: ${messages[1]}`]);
  });

  it('for a command that another decorator wraps', async () => {
    const Timed = (_target: object, _method: string, descriptor: PropertyDescriptor): void => {
      const { value } = descriptor;
      descriptor.value = function (...args: unknown[]) {
        return value.apply(this, args);
      };
    };
    class Wrapped {
      @Timed
      @Unchecked({ group: 'a', timeout: 5 })
      async load(): Promise<void> {}

      @Command({ group: 'one' })
      @Timed
      @Command({ group: 'two' })
      async twice(): Promise<void> {}
    }
    expect(await problems([Wrapped])).toEqual([
      'Wrapped.twice: has @Command more than once (group "two" and group "one"); a command is in one pool',
      'Wrapped.load.timeout: is not an option; did you mean timeoutMs?',
    ]);
  });

  it('for a class decorated twice', async () => {
    @Command({ group: 'one' })
    @Command({ group: 'two' })
    class Twice {
      run(): void {}
    }
    const message = 'has @Command more than once (group "two" and group "one"); a command is in one pool';
    expect(await problems([Twice])).toEqual([`Twice: ${message}`]);
  });

  it('for two commands with one key in a group, but not in two groups', async () => {
    @Command({ group: 'sessions', key: 'named' })
    class Clash {
      run(): void {}
    }
    @Command({ group: 'users', key: 'named' })
    class Elsewhere {
      run(): void {}
    }
    const message = 'has the key "named" in group "sessions", and so has Sessions.other; keys are unique in a group';
    expect(await problems([Sessions, Clash, Elsewhere])).toEqual([`Clash: ${message}`]);
  });

  it('for a key that is another command’s by default', async () => {
    class Clash {
      @Command({ group: 'sessions', key: 'Sessions.current' })
      async load(): Promise<void> {}
    }
    expect(await problems([Sessions, Clash])).toEqual([
      expect.stringMatching(/^Clash\.load: has the key "Sessions\.current".*and so has Sessions\.current;/),
    ]);
  });

  it('for a group that nobody registered, with strictPools', async () => {
    const pools = { billing: {}, users: {} };
    const message = '"sessions" is not registered (strictPools; there are: billing, users)';
    const expected = [`Sessions.current.group: ${message}`, `Sessions.other.group: ${message}`];
    expect(await problems([Sessions], { strictPools: true, pools })).toEqual(expected);
    expect(await problems([Sessions], { pools })).toEqual([]);
    expect(await problems([Sessions], { strictPools: true, pools: { sessions: {} } })).toEqual([]);
  });

  it('for an injected command that is no provider, or no command', async () => {
    @Command({ group: 'a' })
    class Missing {
      run(): void {}
    }
    class NoCommand {
      run(): void {}
    }
    @Injectable()
    class Consumer {
      @InjectCommand(NoCommand) readonly none!: BoundCommand<typeof NoCommand>;
      constructor(@InjectCommand(Missing) readonly missing: BoundCommand<typeof Missing>) {}
    }
    @Injectable()
    class Heir extends Consumer {}
    const of = (consumer: string): string[] => [
      `${consumer} @InjectCommand(NoCommand): is not for a class without @Command`,
      `${consumer} @InjectCommand(Missing): Missing is no provider of this app`,
    ];
    expect(await problems([Consumer, NoCommand])).toEqual(of('Consumer'));
    expect(await problems([Heir])).toEqual(of('Heir'));
    expect(await problems([Missing])).toEqual([]);
  });

  it('for all of it at once, in providers, controllers and guards', async () => {
    class Wrong {
      @Unchecked({ group: 'a', timeout: 5, retry: { attempts: 0 } })
      async load(): Promise<void> {}
    }
    @Injectable()
    class Guard implements CanActivate {
      @Unchecked({ group: '' })
      async allowed(): Promise<boolean> {
        return true;
      }

      canActivate(): Promise<boolean> {
        return this.allowed();
      }
    }
    @Controller()
    @UseGuards(Guard)
    class Api {
      @Unchecked({})
      async get(): Promise<void> {}
    }
    expect(await problems([Wrong], {}, [Api])).toEqual([
      'Wrong.load.timeout: is not an option; did you mean timeoutMs?',
      'Wrong.load.retry.attempts: must be a whole number of at least 1, got 0',
      'Api.get.group: is required: the name of a pool',
      'Guard.allowed.group: must be a string that is not empty, got ""',
    ]);
    const found = ['Wrong.load.timeout: is not an option; did you mean timeoutMs?', expect.any(String)];
    expect(await problems([{ provide: 'value', useValue: new Wrong() }])).toEqual(found);
    const useFactory = function create() {
      return new Wrong();
    };
    expect(await problems([{ provide: 'made', useFactory }])).toEqual(found);
  });
});

describe('an app starts', () => {
  it('with one class behind several tokens, and with a command that two classes inherit', async () => {
    @Injectable()
    class Heir extends Sessions {}
    const imports = [GatewayModule.forRoot()];
    const providers = [Heir, Sessions, { provide: 'again', useClass: Sessions }];
    const app = await Test.createTestingModule({ imports, providers }).compile();
    onTestFinished(() => app.close());
    await app.init();
    const circuits = app.get(PoolRegistry).get('sessions')!.snapshot().circuits;
    expect(circuits.map(({ key }) => key)).toEqual(['Sessions.current', 'named']);
  });
});
