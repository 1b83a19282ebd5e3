import type { Provider } from '@nestjs/common';
import { HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import { CommandExplorer } from './commands/command.explorer.js';
import { CommandRegistry } from './commands/command.registry.js';
import { Commands } from './commands/commands.js';
import { boundCommandProviders } from './commands/inject-command.js';
import { GATEWAY_OPTIONS, type ResolvedGatewayOptions } from './gateway.options.js';
import { GatewayLifecycle } from './lifecycle.js';
import { PoolRegistry, Pools } from './pools/pool.registry.js';
import { Telemetry } from './telemetry.js';

/** What GatewayModule is made of; the pools know nothing of Nest, so they are put together here. */
export function gatewayProviders(): Provider[] {
  return [
    Telemetry,
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
    {
      provide: GatewayLifecycle,
      inject: [GATEWAY_OPTIONS, PoolRegistry, Telemetry, HttpAdapterHost],
      useFactory: (
        { transports, graceMs }: ResolvedGatewayOptions,
        pools: Pools,
        telemetry: Telemetry,
        http: HttpAdapterHost,
      ) => new GatewayLifecycle(transports, graceMs, pools, telemetry, http),
    },
    ...boundCommandProviders(),
  ];
}
