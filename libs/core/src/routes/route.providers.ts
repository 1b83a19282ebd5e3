import type { Provider } from '@nestjs/common';
import {
  type AbstractHttpAdapter,
  ApplicationConfig,
  DiscoveryService,
  HttpAdapterHost,
  ModuleRef,
  ModulesContainer,
} from '@nestjs/core';
import { Dispatcher } from '../dispatcher.js';
import { GATEWAY_OPTIONS, type ResolvedGatewayOptions } from '../gateway.options.js';
import { Hosts } from '../host.js';
import { HttpTransport } from '../http/http.transport.js';
import { Plugins } from '../plugins/plugins.js';
import { PoolRegistry, type Pools } from '../pools/pool.registry.js';
import { TimerTransport } from '../timers/timer.transport.js';
import type { GatewayTransport, TransportHost } from '../transport.js';
import { Aftermath } from './aftermath.js';
import { CallWatch } from './call-watch.js';
import { InProcessBackoff } from '../repeats/in-process-backoff.js';
import { Patience } from '../repeats/patience.js';
import { Repeats } from '../repeats/repeats.js';
import { RouteBuilder } from './route.builder.js';
import { RoutePipeline } from '../pipeline/route.pipeline.js';
import { RoutePlanner } from './route.planner.js';
import { RouteTable } from './route.table.js';

/** One that is there without being asked for. */
export interface BuiltInTransport extends GatewayTransport {
  /** For what has to be known to the HTTP server of the app before it listens. */
  register?(adapter: AbstractHttpAdapter, host: TransportHost): void;
}

export const BUILT_IN_TRANSPORTS = Symbol('BUILT_IN_TRANSPORTS');

/** What comes in, from the decorators to the handler. */
export function routeProviders(): Provider[] {
  return [...planning(), ...serving()];
}

function planning(): Provider[] {
  return [
    { provide: RouteTable, useFactory: () => new RouteTable() },
    {
      provide: BUILT_IN_TRANSPORTS,
      inject: [GATEWAY_OPTIONS],
      useFactory: ({ clock }: ResolvedGatewayOptions): BuiltInTransport[] => [
        new HttpTransport(),
        new TimerTransport(clock),
      ],
    },
    {
      provide: RouteBuilder,
      inject: [PoolRegistry, RoutePipeline, GATEWAY_OPTIONS, BUILT_IN_TRANSPORTS],
      useFactory: (
        pools: Pools,
        pipeline: RoutePipeline,
        { transports }: ResolvedGatewayOptions,
        builtIn: readonly GatewayTransport[],
      ) => new RouteBuilder(pools, pipeline, [...transports, ...builtIn]),
    },
    {
      provide: RoutePlanner,
      inject: [
        GATEWAY_OPTIONS,
        BUILT_IN_TRANSPORTS,
        PoolRegistry,
        ModulesContainer,
        ModuleRef,
        HttpAdapterHost,
        RouteBuilder,
        RouteTable,
      ],
      useFactory: planner,
    },
  ];
}

function serving(): Provider[] {
  return [
    { provide: CallWatch, useFactory: () => new CallWatch() },
    {
      provide: RoutePipeline,
      inject: [ApplicationConfig, ModuleRef, Plugins, CallWatch],
      useFactory: (config: ApplicationConfig, moduleRef: ModuleRef, plugins: Plugins, watch: CallWatch) =>
        new RoutePipeline(config, moduleRef, plugins, watch),
    },
    {
      provide: Dispatcher,
      inject: [PoolRegistry, Plugins, CallWatch, GATEWAY_OPTIONS],
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
  { service = '', transports, strictPools }: ResolvedGatewayOptions,
  builtIn: readonly GatewayTransport[],
  pools: Pools,
  modules: ModulesContainer,
  moduleRef: ModuleRef,
  adapterHost: HttpAdapterHost,
  builder: RouteBuilder,
  table: RouteTable,
): RoutePlanner {
  const hasHttp = (): boolean => Boolean(adapterHost.httpAdapter?.getHttpServer());
  const app = { service, transports: [...transports, ...builtIn], pools, strictPools, moduleRef, hasHttp };
  return new RoutePlanner(new DiscoveryService(modules), app, builder, table);
}

function dispatcher(
  { time }: Pools,
  plugins: Plugins,
  watch: CallWatch,
  { graceMs }: ResolvedGatewayOptions,
): Dispatcher {
  const aftermath = new Aftermath(plugins, watch);
  const repeats = new Repeats(new InProcessBackoff(time), time, aftermath);
  return new Dispatcher(repeats, new Patience(time, graceMs), aftermath);
}
