import type { Provider } from '@nestjs/common';
import { HttpAdapterHost, ModuleRef, ModulesContainer, SerializedGraph } from '@nestjs/core';
import { Bootstrap } from './bootstrap.js';
import { CommandExplorer } from './commands/command.explorer.js';
import { CommandRegistry } from './commands/command.registry.js';
import { Commands } from './commands/commands.js';
import { boundCommandProviders } from './commands/inject-command.js';
import { Dispatcher } from './dispatcher.js';
import { Events } from './events/events.js';
import { GATEWAY_OPTIONS, type ResolvedGatewayOptions } from './gateway.options.js';
import { Hosts } from './host.js';
import { GatewayLifecycle } from './lifecycle.js';
import { Plugins } from './plugins/plugins.js';
import { PoolRegistry, Pools } from './pools/pool.registry.js';
import { RoutePlanner } from './routes/route.planner.js';
import { BUILT_IN_TRANSPORTS, routeProviders, type BuiltInTransport } from './routes/route.providers.js';
import { Telemetry } from './telemetry.js';

/** What GatewayModule is made of; the pools know nothing of Nest, so they are put together here. */
export function gatewayProviders(): Provider[] {
  return [Telemetry, ...commandProviders(), ...routeProviders(), ...aroundThem(), ...boundCommandProviders()];
}

function commandProviders(): Provider[] {
  return [
    {
      provide: PoolRegistry,
      inject: [GATEWAY_OPTIONS, Telemetry],
      useFactory: ({ poolDefaults, pools, clock }: ResolvedGatewayOptions, telemetry: Telemetry) => {
        const registry = new Pools(poolDefaults, telemetry, clock);
        for (const [group, options] of Object.entries(pools)) registry.register(group, options);
        return registry;
      },
    },
    {
      provide: CommandRegistry,
      inject: [PoolRegistry, ModuleRef, ModulesContainer],
      useFactory: (pools: Pools, moduleRef: ModuleRef, modules: ModulesContainer) =>
        new CommandRegistry(pools, moduleRef, modules),
    },
    {
      provide: CommandExplorer,
      inject: [ModulesContainer, CommandRegistry, PoolRegistry, GATEWAY_OPTIONS],
      useFactory: (
        modules: ModulesContainer,
        registry: CommandRegistry,
        pools: Pools,
        { strictPools }: ResolvedGatewayOptions,
      ) => new CommandExplorer(modules, registry, pools, strictPools),
    },
    {
      provide: Commands,
      inject: [CommandRegistry],
      useFactory: (registry: CommandRegistry) => new Commands(registry),
    },
  ];
}

function aroundThem(): Provider[] {
  return [
    {
      provide: Events,
      inject: [GATEWAY_OPTIONS],
      useFactory: ({ service, transports }: ResolvedGatewayOptions) => new Events(service, transports),
    },
    {
      provide: Bootstrap,
      inject: [CommandExplorer, Plugins, RoutePlanner, SerializedGraph],
      useFactory: (commands: CommandExplorer, plugins: Plugins, routes: RoutePlanner, graph: SerializedGraph) =>
        new Bootstrap(commands, plugins, routes, graph),
    },
    { provide: Plugins, inject: [ModulesContainer], useFactory: (modules: ModulesContainer) => new Plugins(modules) },
    {
      provide: GatewayLifecycle,
      inject: [
        GATEWAY_OPTIONS,
        BUILT_IN_TRANSPORTS,
        Hosts,
        Plugins,
        Dispatcher,
        PoolRegistry,
        Telemetry,
        HttpAdapterHost,
      ],
      useFactory: (
        { transports, graceMs }: ResolvedGatewayOptions,
        builtIn: readonly BuiltInTransport[],
        hosts: Hosts,
        plugins: Plugins,
        dispatcher: Dispatcher,
        pools: Pools,
        telemetry: Telemetry,
        adapterHost: HttpAdapterHost,
      ) =>
        new GatewayLifecycle({
          transports,
          builtIn,
          hosts,
          plugins,
          dispatcher,
          pools,
          telemetry,
          adapterHost,
          graceMs,
        }),
    },
  ];
}
