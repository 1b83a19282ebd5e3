import {
  Inject,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
  type Provider,
} from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { Bootstrap } from './bootstrap.js';
import { boundCommandTokens } from './commands/inject-command.js';
import { Commands } from './commands/commands.js';
import { ConfigurationError } from './errors.js';
import { Events } from './events/events.js';
import { GatewayFeatureModule } from './gateway-feature.module.js';
import {
  GATEWAY_OPTIONS,
  resolveGatewayOptions,
  type GatewayAsyncOptions,
  type GatewayOptions,
} from './gateway.options.js';
import { gatewayProviders } from './gateway.providers.js';
import { GatewayLifecycle } from './lifecycle.js';
import { Plugins } from './plugins/plugins.js';
import type { PoolOptions } from './pools/pool.options.js';
import { PoolRegistry } from './pools/pool.registry.js';
import { RouteTable } from './routes/route.table.js';
import { Telemetry } from './telemetry.js';

/**
 * Commands, routes, pools and the lifecycle around them, for the whole app.
 *
 * @example
 * ```ts
 * @Module({ imports: [GatewayModule.forRoot({ pools: { billing: { maxConcurrent: 5, timeoutMs: 1_000 } } })] })
 * class AppModule {}
 * ```
 */
@Module({})
export class GatewayModule implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    @Inject(Bootstrap) private readonly bootstrap: Bootstrap,
    @Inject(GatewayLifecycle) private readonly lifecycle: GatewayLifecycle,
    @Inject(ModulesContainer) modules: ModulesContainer,
  ) {
    const ours = [...modules.values()].filter(({ metatype }) => metatype === GatewayModule);
    if (ours.length > 1) {
      const message = 'is imported more than once; import it in the root module, and forFeature() elsewhere';
      throw new ConfigurationError([{ path: 'GatewayModule.forRoot()', message }]);
    }
    // Nest runs hooks by distance from the root module: below all others, we initialise last and are destroyed first.
    for (const module of ours) module.distance = -1;
  }

  /** @throws ConfigurationError at bootstrap, with every problem of the options, or of commands, routes and plugins */
  static forRoot(options: GatewayOptions = {}): DynamicModule {
    const wires = Array.isArray(options?.transports) ? options.transports : [];
    return dynamicModule(
      [{ provide: GATEWAY_OPTIONS, useFactory: () => resolveGatewayOptions(options) }],
      wires.flatMap((transport) => transport?.providers ?? []),
    );
  }

  static forRootAsync({ useFactory, inject = [], imports = [], provide = [] }: GatewayAsyncOptions): DynamicModule {
    const resolved: Provider = {
      provide: GATEWAY_OPTIONS,
      inject,
      useFactory: async (...args: unknown[]) => resolveGatewayOptions(await useFactory(...args)),
    };
    return dynamicModule(
      [resolved],
      provide.flatMap(({ providers }) => providers),
      imports,
    );
  }

  /** Pools of a feature, registered when its module is made. @throws ConfigurationError for a group that exists */
  static forFeature(options: { pools: Record<string, PoolOptions> }): DynamicModule {
    return GatewayFeatureModule.register(options);
  }

  async onModuleInit(): Promise<void> {
    await this.bootstrap.run();
    this.lifecycle.hookIntoHttp();
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.lifecycle.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.lifecycle.stop();
  }
}

function dynamicModule(
  options: Provider[],
  injectables: Provider[],
  imports: DynamicModule['imports'] = [],
): DynamicModule {
  const exported = [Telemetry, PoolRegistry, Commands, GatewayLifecycle, RouteTable, Events, Plugins];
  return {
    module: GatewayModule,
    global: true,
    imports,
    // Read when Nest scans, by which time every class with @InjectCommand has been loaded.
    get providers() {
      return [...options, ...injectables, ...gatewayProviders()];
    },
    get exports() {
      return [...exported, ...injectables, ...boundCommandTokens()] as DynamicModule['exports'];
    },
  };
}
