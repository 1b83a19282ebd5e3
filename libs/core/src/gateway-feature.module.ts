import { Module, type DynamicModule } from '@nestjs/common';
import type { ConfigurationProblem } from './errors.js';
import { poolsProblems } from './gateway.options.js';
import { failOn, isPlainObject, object, problemsOf } from './options.js';
import type { PoolOptions } from './pools/pool.options.js';
import { PoolRegistry } from './pools/pool.registry.js';

/** The pools that one feature brings along. */
@Module({})
export class GatewayFeatureModule {
  static register(options: { pools: Record<string, PoolOptions> }): DynamicModule {
    const token = Symbol('GATEWAY_FEATURE_POOLS');
    const registered = (registry: PoolRegistry): string[] => {
      failOn(featureProblems(options, registry));
      for (const [group, pool] of Object.entries(options.pools)) registry.register(group, pool);
      return Object.keys(options.pools);
    };
    return {
      module: GatewayFeatureModule,
      providers: [{ provide: token, inject: [PoolRegistry], useFactory: registered }],
    };
  }
}

function featureProblems(options: unknown, registry: PoolRegistry): ConfigurationProblem[] {
  const problems = problemsOf(options, { pools: object }, 'forFeature');
  if (!isPlainObject(options)) return problems;
  const given = options['pools'];
  if (given === undefined) problems.push({ path: 'forFeature.pools', message: 'is required' });
  problems.push(...poolsProblems(given, 'forFeature.pools'));
  const taken = isPlainObject(given) ? Object.keys(given).filter((group) => registry.get(group) !== undefined) : [];
  const message = 'exists already, by forRoot() or another forFeature(); to change it use PoolRegistry.update()';
  return [...problems, ...taken.map((group) => ({ path: `forFeature.pools.${group}`, message }))];
}
