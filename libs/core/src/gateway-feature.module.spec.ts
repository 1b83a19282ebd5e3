import { Injectable, Module, type ModuleMetadata } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Command } from './commands/command.decorator.js';
import type { ConfigurationError } from './errors.js';
import { GatewayModule } from './gateway.module.js';
import type { PoolOptions } from './pools/pool.options.js';
import { PoolRegistry } from './pools/pool.registry.js';

const EXISTS = 'exists already, by forRoot() or another forFeature(); to change it use PoolRegistry.update()';

@Injectable()
class Users {
  @Command({ group: 'users' })
  async load(): Promise<void> {}
}

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

describe('forFeature', () => {
  it('registers pools with the module that brings them', async () => {
    @Module({ imports: [GatewayModule.forFeature({ pools: { users: { maxConcurrent: 4 } } })] })
    class FeatureModule {}
    const other = GatewayModule.forFeature({ pools: { audit: {} } });
    const app = await boot(FeatureModule, other, GatewayModule.forRoot({ strictPools: true }));
    expect(app.get(PoolRegistry).get('users')?.snapshot()).toMatchObject({ maxConcurrent: 4 });
    expect(app.get(PoolRegistry).groups().toSorted()).toEqual(['audit', 'users']);
  });

  it.each<[options: unknown, message: string]>([
    [{ pools: { users: {} } }, `forFeature.pools.users: ${EXISTS}`],
    [
      { pools: { audit: { maxConcurrent: 0, breaker: { minimumCalls: 0 } } } },
      'forFeature.pools.audit.maxConcurrent: must be a whole number of at least 1, got 0\n' +
        'forFeature.pools.audit.breaker.minimumCalls: must be a whole number of at least 1, got 0',
    ],
    [{ pool: {} }, 'forFeature.pool: is not an option; did you mean pools?\nforFeature.pools: is required'],
    [{}, 'forFeature.pools: is required'],
    [undefined, 'forFeature: must be an object, got undefined'],
  ])('lets no app start with %o', async (options, message) => {
    const feature = GatewayModule.forFeature(options as { pools: Record<string, PoolOptions> });
    expect(await problems(GatewayModule.forRoot({ pools: { users: {} } }), feature)).toBe(
      `ConfigurationError: ${message}`,
    );
  });

  it('registers a group only once', async () => {
    const [one, other] = [{ pools: { audit: {} } }, { pools: { audit: {} } }].map(GatewayModule.forFeature);
    expect(await problems(GatewayModule.forRoot(), one!, other!)).toBe(
      `ConfigurationError: forFeature.pools.audit: ${EXISTS}`,
    );
  });
});
