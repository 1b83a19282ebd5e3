import type { Provider } from '@nestjs/common';
import { ApplicationConfig, DiscoveryService, ModuleRef, ModulesContainer } from '@nestjs/core';
import { Dispatcher } from '../dispatcher.js';
import { GATEWAY_OPTIONS, type ResolvedGatewayOptions } from '../gateway.options.js';
import { Hosts } from '../host.js';
import { Plugins } from '../plugins/plugins.js';
import { PoolRegistry, type Pools } from '../pools/pool.registry.js';
import { TimerTransport } from '../timers/timer.transport.js';
import type { GatewayTransport } from '../transport.js';
import { Aftermath } from './aftermath.js';
import { CallWatch } from './call-watch.js';
import { InProcessBackoff } from './in-process-backoff.js';
import { Repeats } from './repeats.js';
import { RouteBuilder } from './route.builder.js';
import { RoutePipeline } from './route.pipeline.js';
import { RoutePlanner } from './route.planner.js';
import { RouteTable } from './route.table.js';

/** Those that are there without being asked for. */
export const BUILT_IN_TRANSPORTS = Symbol('BUILT_IN_TRANSPORTS');

/** What comes in, from the decorators to the handler. */
export function routeProviders(): Provider[] {
  return [
    { provide: RouteTable, useFactory: () => new RouteTable() },
    { provide: CallWatch, useFactory: () => new CallWatch() },
    {
      provide: BUILT_IN_TRANSPORTS,
      inject: [GATEWAY_OPTIONS],
      useFactory: ({ clock }: ResolvedGatewayOptions) => [new TimerTransport(clock)],
    },
    {
      provide: InProcessBackoff,
      inject: [PoolRegistry],
      useFactory: (pools: Pools) => new InProcessBackoff(pools.time),
    },
    {
      provide: RoutePlanner,
      inject: [
        GATEWAY_OPTIONS,
        BUILT_IN_TRANSPORTS,
        PoolRegistry,
        ModulesContainer,
        RoutePipeline,
        ModuleRef,
        RouteTable,
      ],
      useFactory: planner,
    },
    {
      provide: RoutePipeline,
      inject: [ApplicationConfig, ModuleRef, Plugins, CallWatch],
      useFactory: (config: ApplicationConfig, moduleRef: ModuleRef, plugins: Plugins, watch: CallWatch) =>
        new RoutePipeline(config, moduleRef, plugins, watch),
    },
    {
      provide: Dispatcher,
      inject: [InProcessBackoff, PoolRegistry, Plugins, CallWatch, GATEWAY_OPTIONS],
      useFactory: dispatcher,
    },
    {
      provide: Hosts,
      inject: [GATEWAY_OPTIONS, PoolRegistry, RouteTable, Dispatcher],
      useFactory: (
        { service = '', trustContext }: ResolvedGatewayOptions,
        { time: clock }: Pools,
        table: RouteTable,
        to: Dispatcher,
      ) => new Hosts({ service, clock, trustContext }, table, to),
    },
  ];
}

function planner(
  { service = '', transports: given, strictPools }: ResolvedGatewayOptions,
  builtIn: readonly GatewayTransport[],
  pools: Pools,
  modules: ModulesContainer,
  pipeline: RoutePipeline,
  moduleRef: ModuleRef,
  table: RouteTable,
): RoutePlanner {
  const transports = [...given, ...builtIn];
  const builder = new RouteBuilder(pools, pipeline, transports);
  const app = { service, transports, pools, strictPools, moduleRef };
  return new RoutePlanner(new DiscoveryService(modules), app, builder, table);
}

function dispatcher(
  backoff: InProcessBackoff,
  { time }: Pools,
  plugins: Plugins,
  watch: CallWatch,
  { graceMs }: ResolvedGatewayOptions,
): Dispatcher {
  const aftermath = new Aftermath(plugins, watch);
  return new Dispatcher(new Repeats(backoff, time, aftermath), aftermath, time, graceMs);
}
