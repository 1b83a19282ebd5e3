import { Inject, Injectable, Module, type ModuleMetadata } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Command } from './commands/command.decorator.js';
import { Commands } from './commands/commands.js';
import type { ConfigurationError } from './errors.js';
import { GatewayModule } from './gateway.module.js';
import type { GatewayAsyncOptions, GatewayOptions } from './gateway.options.js';
import { GatewayLifecycle } from './lifecycle.js';
import { PoolRegistry } from './pools/pool.registry.js';
import { Telemetry } from './telemetry.js';
import type { GatewayTransport } from './transport.js';

@Injectable()
class Users {
  @Command({ group: 'users' })
  async load(name: string): Promise<string> {
    return `user ${name}`;
  }
}

@Injectable()
class Settings {
  readonly slots = 3;
}

@Module({ providers: [Settings], exports: [Settings] })
class SettingsModule {}

async function boot(...imports: NonNullable<ModuleMetadata['imports']>) {
  const app = await Test.createTestingModule({ imports, providers: [Users] }).compile();
  onTestFinished(() => app.close());
  return app.init();
}

/** What is wrong, in the form of the message. */
function problems(...imports: NonNullable<ModuleMetadata['imports']>): Promise<string> {
  return boot(...imports).then(
    () => 'nothing',
    (error: ConfigurationError) => `${error.name}: ${error.message}`,
  );
}

const limitsOf = (app: { get(type: typeof PoolRegistry): PoolRegistry }, group: string) =>
  app.get(PoolRegistry).get(group)?.snapshot();

describe('forRoot', () => {
  it('needs no options', async () => {
    const app = await boot(GatewayModule.forRoot());
    expect(await app.get(Users).load('ann')).toBe('user ann');
    expect(limitsOf(app, 'users')).toMatchObject({ maxConcurrent: 10, maxQueue: 100 });
  });

  it('registers its pools, over the defaults of the app', async () => {
    const pools = { users: { maxConcurrent: 2 }, default: {} };
    const app = await boot(GatewayModule.forRoot({ pools, poolDefaults: { maxQueue: 7 } }));
    expect(app.get(PoolRegistry).groups()).toEqual(['users', 'default']);
    expect(limitsOf(app, 'users')).toMatchObject({ maxConcurrent: 2, maxQueue: 7 });
    expect(limitsOf(app, 'default')).toMatchObject({ maxConcurrent: 256, maxQueue: 7 });
  });

  it('is global, and lets every module inject what it has', async () => {
    @Injectable()
    class Consumer {
      constructor(
        readonly commands: Commands,
        readonly pools: PoolRegistry,
        readonly telemetry: Telemetry,
        readonly lifecycle: GatewayLifecycle,
      ) {}
    }
    @Module({ providers: [Consumer] })
    class FeatureModule {}
    const consumer = (await boot(FeatureModule, GatewayModule.forRoot())).get(Consumer);
    expect(Object.values(consumer).map(({ constructor }) => constructor.name)).toEqual([
      'Commands',
      'Pools',
      'Telemetry',
      'GatewayLifecycle',
    ]);
  });

  it('provides what its transports bring along', async () => {
    class Producer {
      readonly wire = 'memory';
    }
    const wire: GatewayTransport = {
      name: 'memory',
      kinds: [],
      providers: [Producer],
      start: vi.fn<() => Promise<void>>(),
      stopIntake: async () => {},
      close: async () => {},
      health: () => ({ status: 'up' }),
    };
    const app = await boot(GatewayModule.forRoot({ service: 'a', transports: [wire] }));
    expect(app.get(Producer).wire).toBe('memory');
    expect(wire.start).toHaveBeenCalledTimes(1);
  });

  it('leaves the options as they were', async () => {
    const options = { pools: { users: { breaker: { minimumCalls: 3 } } }, poolDefaults: { timeoutMs: 5 } };
    const before = structuredClone(options);
    await boot(GatewayModule.forRoot(options));
    expect(options).toEqual(before);
  });

  it.each<[options: unknown, message: string]>([
    [{ strictPool: true }, 'strictPool: is not an option; did you mean strictPools?'],
    [{ pools: { a: { maxQueue: -1 } } }, 'pools.a.maxQueue: must be a whole number of at least 0, got -1'],
    [null, 'GatewayModule options: must be an object, got null'],
  ])('lets no app start with %o', async (options, message) => {
    expect(await problems(GatewayModule.forRoot(options as GatewayOptions))).toBe(`ConfigurationError: ${message}`);
  });

  it('can be the same module in two apps, which get pools of their own', async () => {
    const module = GatewayModule.forRoot({ pools: { users: { maxConcurrent: 1 } } });
    const [one, other] = [await boot(module), await boot(module)];
    one.get(PoolRegistry).update('users', { maxConcurrent: 9 });
    expect(limitsOf(other, 'users')).toMatchObject({ maxConcurrent: 1 });
  });

  it('is imported once', async () => {
    @Module({ imports: [GatewayModule.forRoot()] })
    class FeatureModule {}
    expect(await problems(FeatureModule, GatewayModule.forRoot())).toBe(
      'ConfigurationError: GatewayModule.forRoot(): is imported more than once; import it in the root module, and ' +
        'forFeature() elsewhere',
    );
    const module = GatewayModule.forRoot();
    expect(await problems(module, module)).toBe('nothing');
  });
});

describe('forRootAsync', () => {
  it('injects from the modules it imports, and waits for its factory', async () => {
    const useFactory = async ({ slots }: Settings) => ({ pools: { users: { maxConcurrent: slots } } });
    const app = await boot(GatewayModule.forRootAsync({ imports: [SettingsModule], inject: [Settings], useFactory }));
    expect(limitsOf(app, 'users')).toMatchObject({ maxConcurrent: 3 });
    expect(await app.get(Users).load('ann')).toBe('user ann');
  });

  it('provides what must exist before the options do', async () => {
    @Injectable()
    class Producer {
      constructor(@Inject(Telemetry) readonly telemetry: Telemetry) {}
    }
    const app = await boot(
      GatewayModule.forRootAsync({ provide: [{ providers: [Producer] }], useFactory: () => ({}) }),
    );
    expect(app.get(Producer).telemetry).toBe(app.get(Telemetry));
  });

  it.each<[what: string, useFactory: GatewayAsyncOptions['useFactory'], message: string]>([
    ['rejects', () => Promise.reject(new Error('no settings')), 'Error: no settings'],
    ['throws', () => throws(new Error('no settings')), 'Error: no settings'],
    [
      'gives bad options',
      async () => ({ service: '?' }),
      'ConfigurationError: service: must be a letter, then letters, digits, "_" or "-", got "?"',
    ],
  ])('lets no app start where its factory %s', async (_, useFactory, message) => {
    expect(await problems(GatewayModule.forRootAsync({ useFactory }))).toBe(message);
  });
});

function throws(error: Error): never {
  throw error;
}
