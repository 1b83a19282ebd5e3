import { Inject, Injectable, Scope, type OnModuleInit, type Provider } from '@nestjs/common';
import { ContextIdFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { GatewayModule } from '../gateway.module.js';
import type { GatewayOptions } from '../gateway.options.js';
import { PoolRegistry } from '../pools/pool.registry.js';
import { Telemetry } from '../telemetry.js';
import { Command } from './command.decorator.js';
import { Commands } from './commands.js';

@Injectable()
class Users {
  @Command({ group: 'users' })
  async load(name: string): Promise<string> {
    return `user ${name}`;
  }
}

/** Calls before it can. */
@Injectable()
class Hasty extends Users {
  readonly early = this.load('ann').catch((error: unknown) => error);
}

/** Calls as soon as it may. */
@Injectable()
class Warm extends Users implements OnModuleInit {
  loaded = '';

  async onModuleInit(): Promise<void> {
    this.loaded = await this.load('ann');
  }
}

@Injectable({ scope: Scope.REQUEST })
class PerRequest extends Users {}

@Command({ group: 'users' })
class CountUsers {
  run(): number {
    return 3;
  }
}

class Settings {
  readonly limit = 3;
}

@Command({ group: 'users' })
class CountLimit {
  constructor(@Inject(Settings) private readonly settings: Settings) {}

  run(): number {
    return this.settings.limit;
  }
}

async function boot(options: GatewayOptions, ...providers: Provider[]) {
  const app = await Test.createTestingModule({ imports: [GatewayModule.forRoot(options)], providers }).compile();
  onTestFinished(() => app.close());
  return app.init();
}

const refusal = (message: string) => ({ code: 'CONFIGURATION_INVALID', message });

describe('a command that is called where it cannot run rejects, and says why', () => {
  it('on an instance that Nest did not make', async () => {
    const message =
      'Users.load: is a @Command, and Nest did not make this instance: inject it (or use ModuleRef.create) instead of ' +
      '`new`, and call no command in a constructor';
    await expect(new Users().load('ann')).rejects.toMatchObject(refusal(message));
    const app = await boot({}, { provide: 'users', useValue: new Users() });
    await expect(app.get<Users>('users').load('ann')).rejects.toMatchObject(refusal(message));
  });

  it('in a constructor', async () => {
    const hasty = (await boot({}, Hasty)).get(Hasty);
    expect(await hasty.early).toMatchObject(refusal(expect.stringContaining('call no command in a constructor')));
    expect(await hasty.load('ann')).toBe('user ann');
  });

  it('as a class, in a constructor, before Nest has made it; and works once it has', async () => {
    let known = (_: Settings): void => {};
    const settings = new Promise<Settings>((resolve) => (known = resolve));
    @Injectable()
    class Hurried {
      readonly early: Promise<unknown>;

      constructor(@Inject(Commands) commands: Commands) {
        this.early = commands.execute(CountLimit).catch((error: unknown) => error);
        known(new Settings());
      }
    }
    const app = await boot({}, Hurried, CountLimit, { provide: Settings, useFactory: () => settings });
    const message =
      'CountLimit: is a @Command that Nest has yet to make: call it from onModuleInit on, not in a constructor';
    expect(await app.get(Hurried).early).toMatchObject(refusal(message));
    expect(await app.get(Commands).execute(CountLimit)).toBe(3);
  });

  it('without its instance', async () => {
    const { load } = (await boot({}, Users)).get(Users);
    const message =
      'Users.load: is a @Command and was called without its instance: write `() => service.method()`, not `service.method`';
    await expect(load('ann')).rejects.toMatchObject(refusal(message));
    await expect(Promise.all(['ann'].map(load))).rejects.toMatchObject(refusal(message));
  });
});

describe('an app without GatewayModule', () => {
  const missing = 'Users.load: is a @Command, but this app has no GatewayModule: import GatewayModule.forRoot()';

  it('does not start with a class that has commands', async () => {
    await expect(Test.createTestingModule({ providers: [Users] }).compile()).rejects.toThrow(missing);
  });

  it('does not make one for a request either', async () => {
    const app = await Test.createTestingModule({ providers: [PerRequest] }).compile();
    onTestFinished(() => app.close());
    await expect(app.resolve(PerRequest, ContextIdFactory.create())).rejects.toThrow(missing);
  });
});

describe('a command', () => {
  it('may be called from onModuleInit on', async () => {
    expect((await boot({}, Warm)).get(Warm).loaded).toBe('user ann');
  });
});

describe('two apps in one process', () => {
  it('share no pool, no circuit, no count and no event', async () => {
    const one = await boot({ pools: { users: { maxConcurrent: 1 } } }, Users, CountUsers);
    const other = await boot({}, Users, CountUsers);
    const heard: string[] = [];
    other.get(Telemetry).on('callSucceeded', ({ key }) => heard.push(key));
    await one.get(Users).load('ann');
    await one.get(Commands).execute(CountUsers);
    one.get(PoolRegistry).update('users', { circuit: 'forced-open' });
    await expect(one.get(Users).load('ann')).rejects.toMatchObject({ code: 'CIRCUIT_OPEN' });
    expect(heard).toEqual([]);
    expect(await other.get(Users).load('joe')).toBe('user joe');
    expect(await other.get(Commands).execute(CountUsers)).toBe(3);
    expect(heard).toEqual(['Users.load', 'CountUsers']);
    const [pool] = other.get(PoolRegistry).snapshot();
    expect(pool).toMatchObject({ maxConcurrent: 10, circuits: [{ state: 'closed', counts: { refused: 0 } }, {}] });
  });

  it('go away one by one', async () => {
    const one = await boot({}, Users);
    const other = await boot({}, Users);
    await one.close();
    await expect(one.get(Users).load('ann')).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    expect(await other.get(Users).load('ann')).toBe('user ann');
  });
});
