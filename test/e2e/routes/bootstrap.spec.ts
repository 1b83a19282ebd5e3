import { Injectable, Module, Scope } from '@nestjs/common';
import {
  cron,
  EventHandler,
  every,
  ExposedMethod,
  ExposedNamespace,
  Route,
  type ConfigurationError,
  type Entrypoint,
  type MessageTranslator,
} from 'sallyport';
import { inMemory } from 'sallyport/testing';
import { describe, expect, it } from 'vitest';
import { run, type Setup } from './support/app.js';

/** Everything that the bootstrap has to say against an app, as `path: message`. */
async function problems(setup: Setup): Promise<string[]> {
  return run(setup).then(
    () => [],
    (error: ConfigurationError) => error.message.split('\n'),
  );
}

const on = (...classes: any[]): Promise<string[]> => problems({ providers: classes });

describe('the bootstrap', () => {
  it('fails for two methods of one name, and names both places', async () => {
    class Users {
      @ExposedMethod('users.find')
      find(): void {}
    }
    @ExposedNamespace('users')
    class Members {
      @ExposedMethod()
      find(): void {}
    }
    expect(await on(Users, Members)).toEqual([
      'Members.find @ExposedMethod: exposes "users.find", and so does Users.find @ExposedMethod; names are unique',
    ]);
  });

  it('takes two methods of one name on two transports', async () => {
    class Users {
      @ExposedMethod('find', { transports: ['memory'] })
      here(): void {}
      @ExposedMethod('find', { transports: ['other'] })
      there(): void {}
    }
    const other = {
      ...inMemory(),
      name: 'other',
      kinds: ['method'],
      start: async () => {},
      stopIntake: async () => {},
    };
    const transports = [{ ...other, close: async () => {}, health: () => ({ status: 'up' as const }) }];
    expect(await problems({ providers: [Users], gateway: { transports } })).toEqual([]);
  });

  it('fails for a class that two modules make, and names them', async () => {
    class Users {
      @ExposedMethod()
      find(): void {}
      @Route(every(1_000))
      tick(): void {}
    }
    @Module({ providers: [Users] })
    class One {}
    @Module({ providers: [Users] })
    class Two {}
    const twice = 'is there twice, since Users is made in One and in Two; import the module that has it instead';
    expect(await problems({ imports: [One, Two] })).toEqual([
      `Users.find @ExposedMethod: ${twice}`,
      `Users.tick @Route: ${twice}`,
    ]);
  });

  it.each(['a-b', 'a..b', '.a', 'ä', '', 'rpc.discover', 'toString', '__proto__'])(
    'fails for a method named %j',
    async (name) => {
      class Users {
        @ExposedMethod(name)
        find(): void {}
      }
      const [problem] = await on(Users);
      expect(problem).toMatch(`Users.find @ExposedMethod: the name ${JSON.stringify(name)}`);
    },
  );

  it('fails for two handlers that would share a queue, unless each instance has its own', async () => {
    class One {
      @EventHandler('paid')
      @EventHandler('told', { delivery: 'broadcast' })
      handle(): void {}
      @EventHandler('closed', { delivery: 'singleton' })
      closed(): void {}
    }
    class Two {
      @EventHandler('paid')
      @EventHandler('told', { delivery: 'broadcast' })
      handle(): void {}
      @EventHandler('paid', { source: 'elsewhere' })
      elsewhere(): void {}
      @EventHandler('closed', { delivery: 'singleton', name: 'other' })
      closed(): void {}
    }
    const two = 'and so does One.%s @EventHandler; give one of them another name';
    expect(await on(One, Two)).toEqual([
      `Two.handle @EventHandler: handles "paid" of "here" under the name "handle", ${two.replace('%s', 'handle')}`,
      `Two.closed @EventHandler: handles "closed" of "here" as a singleton, ${two.replace('%s', 'closed')}`,
    ]);
  });

  it('fails for what an option cannot be, and for options that there are not', async () => {
    const bad: any = { pools: 'x', timeoutMs: -1, translators: [{}], backoff: {}, schema: {}, params: ['a', 'a'] };
    class Users {
      @ExposedMethod('one', bad)
      one(): void {}
      @ExposedMethod('two', { pool: '', transports: [], callback: 'one' } as any)
      two(): void {}
      @EventHandler('three words', { delivery: 'all', filter: true, names: 'x' } as any)
      three(): void {}
    }
    expect(await on(Users)).toEqual([
      'Users.one @ExposedMethod.pools: is not an option; did you mean pool?',
      'Users.one @ExposedMethod.timeoutMs: must be false or a number above 0, got -1',
      'Users.one @ExposedMethod.translators: [0] is no translator: it needs a method translate(message, context)',
      'Users.one @ExposedMethod.backoff: must be what backoff() gives, got an object',
      'Users.one @ExposedMethod.schema: must be a Standard Schema, got an object',
      'Users.one @ExposedMethod.params: has a name twice',
      'Users.two @ExposedMethod.pool: must be a string that is not empty, got ""',
      'Users.two @ExposedMethod.transports: must be an array of names of transports',
      'Users.two @ExposedMethod.callback: is not an option (there are: pool, timeoutMs, translators, backoff, private, params, schema, transports)',
      'Users.three @EventHandler.delivery: must be one of "service", "singleton", "broadcast", got "all"',
      'Users.three @EventHandler.filter: must be a function, got true',
      'Users.three @EventHandler.names: is not an option; did you mean name?',
      'Users.three @EventHandler: the name of the event must be a string of 1 to 200 characters, none of them white space, got "three words"',
    ]);
  });

  it('fails for a pool that nobody registered, under strictPools', async () => {
    class Users {
      @ExposedMethod({ pool: 'users' })
      one(): void {}
      @ExposedMethod()
      two(): void {}
    }
    const gateway = { strictPools: true, pools: { user: {} } };
    expect(await problems({ providers: [Users], gateway })).toEqual([
      'Users.one @ExposedMethod.pool: "users" is not registered (strictPools; there are: user)',
    ]);
  });

  it('fails for a callback that is not there', async () => {
    class Users {
      @EventHandler('a', { callback: 'failed' })
      one(): void {}
      @EventHandler('b', { callback: 'two' })
      two(): void {}
    }
    expect(await on(Users)).toEqual([
      'Users.one @EventHandler.callback: Users has no method "failed"',
      'Users.two @EventHandler.callback: is the handler itself',
    ]);
  });

  it('fails for an entrypoint that no transport of the app serves', async () => {
    const of = (transport: string, kind: string): Entrypoint => ({ transport, kind, options: {} });
    class Users {
      @Route(of('amqp', 'event'))
      one(): void {}
      @Route(of('timer', 'weekly'))
      two(): void {}
      @Route(undefined as any)
      three(): void {}
      @ExposedMethod({ transports: ['memory', 'zeromq'] })
      four(): void {}
    }
    const [one, ...others] = await on(Users);
    expect(one).toMatch(/^Users\.one @Route: "amqp" is no transport of this app \(there are: memory, .*timer\)$/);
    expect(others).toEqual([
      'Users.two @Route: "timer" serves no entrypoint "weekly" (those it serves: every, cron)',
      'Users.three @Route: needs an entrypoint, as every(1_000) is one',
      expect.stringMatching(/^Users\.four @ExposedMethod\.transports: "zeromq" is no transport of this app/),
    ]);
  });

  it('fails for a timer that cannot be', async () => {
    class Users {
      @Route(every(0))
      one(): void {}
      @Route(cron('every day'))
      two(): void {}
    }
    const [one, two] = await on(Users);
    expect(one).toMatch(/^Users\.one @Route every\(\)\.ms: must be/);
    expect(two).toMatch(/^Users\.two @Route cron\(\)\.expression: /);
  });

  it('fails for a translator that Nest does not make, or makes for each request', async () => {
    class Upper implements MessageTranslator {
      translate(message: unknown): unknown {
        return message;
      }
    }
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest extends Upper {}
    class Users {
      @ExposedMethod({ translators: [Upper, PerRequest] })
      one(): void {}
    }
    expect(await on(Users, PerRequest)).toEqual([
      'Users.one @ExposedMethod.translators[0]: Upper is no provider of this app',
      'Users.one @ExposedMethod.translators[1]: PerRequest is made for each request; a translator is a singleton',
    ]);
  });

  it('only warns of what nobody can reach', async () => {
    class Users {
      @ExposedMethod()
      one(): void {}
      @EventHandler('a')
      two(): void {}
    }
    const { log } = await run({ providers: [Users], wired: false });
    expect(log).toEqual([
      'No transport of this app serves these exposed methods: Users.one Routes',
      'No transport of this app serves these event handlers: Users.two Routes',
    ]);
  });
});

describe('a decorator', () => {
  const decorators = {
    '@ExposedMethod': ExposedMethod(),
    '@EventHandler': EventHandler('a'),
    '@Route': Route(every(1)),
  };

  it.each(Object.entries(decorators))('%s says so at once where it stands on something else', (name, decorate) => {
    class Users {
      static all(): void {}
      [Symbol.iterator](): void {}
    }
    const place = (target: object, key: string | symbol) => () =>
      decorate(target, key, Object.getOwnPropertyDescriptor(target, key) ?? {});
    expect(place(Users, 'all')).toThrow(`Users.all: ${name} goes on methods of instances, not on static ones`);
    expect(place(Users.prototype, 'field')).toThrow(`Users.field: ${name} goes on methods`);
    expect(place(Users.prototype, Symbol.iterator)).toThrow(`${name} goes on methods whose name is a string`);
  });
});
