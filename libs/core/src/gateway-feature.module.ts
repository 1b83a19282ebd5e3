import { Module, type DynamicModule } from '@nestjs/common';
import { poolsProblems } from './gateway.options.js';
import { failOn, isPlainObject, problemsOf } from './options.js';
import type { PoolOptions } from './pools/pool.options.js';
import { PoolRegistry } from './pools/pool.registry.js';

/** The pools that one feature brings along. */
@Module({})
export class GatewayFeatureModule {
  static register(options: { pools: Record<string, PoolOptions> }): DynamicModule {
    const token = Symbol('GATEWAY_FEATURE_POOLS');
    const registered = (registry: PoolRegistry): string[] => {
      failOn([...problemsOf(options, { pools }, 'forFeature'), ...poolsProblems(options?.pools, 'forFeature.pools')]);
      for (const [group, pool] of Object.entries(options.pools)) registry.register(group, pool);
      return Object.keys(options.pools);
    };
    return {
      module: GatewayFeatureModule,
      providers: [{ provide: token, inject: [PoolRegistry], useFactory: registered }],
    };
  }
}

function pools(value: unknown): string | undefined {
  return isPlainObject(value) ? undefined : 'must be an object';
}
