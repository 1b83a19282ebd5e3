import type { Provider } from '@nestjs/common';
import { HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { PoolRegistry, type GatewayTransport, type TransportHealth } from 'sallyport';
import {
  failOn,
  GATEWAY_OPTIONS,
  hookIntoApp,
  HttpListener,
  type ConfigurationProblem,
  type Pools,
  type ResolvedGatewayOptions,
} from 'sallyport/internal';
import type { HttpProxyCommand } from './http-proxy.command.js';
import { HTTP_PROXY, proxyOptionsOf } from './http-proxy.decorator.js';
import { HttpProxyEntrypoint } from './http-proxy.entrypoint.js';
import {
  checkHttpProxyOptions,
  proxyProblems,
  type HttpProxyOptions,
  type ProxyOptions,
} from './http-proxy.options.js';
import { GROUP, ProxyRoute } from './routing/proxy.route.js';
import { ProxyTable } from './routing/proxy.table.js';

const FACTORY = 'httpProxy';
const LOOPBACK = '127.0.0.1';
const MAX_TUNNELS = 1_000;

interface Planned {
  readonly options: ProxyOptions;
  readonly place: string;
  readonly hooks?: HttpProxyCommand;
}

/** What the app has to offer, once Nest has put it together. */
interface App {
  readonly http: HttpAdapterHost;
  readonly modules: ModulesContainer;
  readonly pools: Pools;
  readonly strictPools: boolean;
}

/** HTTP requests to upstreams, each as a command in a pool. */
export class HttpProxyTransport implements GatewayTransport {
  readonly name = 'http-proxy';
  /** Its requests are commands, not routes. */
  readonly kinds = [];
  readonly providers: Provider[];
  private readonly table = new ProxyTable();
  private readonly entrypoint: HttpProxyEntrypoint;
  private readonly listener: HttpListener | undefined;
  private app: App | undefined;
  private running = false;

  constructor(private readonly options: HttpProxyOptions) {
    checkHttpProxyOptions(options);
    this.entrypoint = new HttpProxyEntrypoint(this.table, options.maxTunnels ?? MAX_TUNNELS);
    // A body is bounded by its silences, not by Node's five minutes for the whole of it.
    const server = { requestTimeout: 0 };
    this.listener = options.port === undefined ? undefined : new HttpListener(this.entrypoint, FACTORY, server);
    this.providers = [
      {
        provide: Symbol('httpProxy'),
        inject: [HttpAdapterHost, ModulesContainer, PoolRegistry, GATEWAY_OPTIONS],
        useFactory: (
          http: HttpAdapterHost,
          modules: ModulesContainer,
          pools: Pools,
          { strictPools }: ResolvedGatewayOptions,
        ) => {
          this.app = { http, modules, pools, strictPools };
          return this;
        },
      },
      { provide: HTTP_PROXY, useValue: true },
    ];
  }

  async start(): Promise<void> {
    const app = this.app!;
    const planned = this.plan(app.modules);
    failOn([
      ...planned.flatMap(({ options, place, hooks }) => (hooks ? proxyProblems(options, place) : [])),
      ...sameKeys(planned),
    ]);
    if (app.strictPools) failOn(planned.flatMap((one) => unknownGroup(one, app.pools)));
    for (const { options, hooks } of planned) this.table.add(new ProxyRoute(options, app.pools, hooks));
    if (this.listener === undefined) hookIntoApp(app.http, this.entrypoint, FACTORY);
    else await this.listener.listen(this.options.port!, this.options.host ?? LOOPBACK);
    this.running = true;
  }

  /** On the app's own server the lifecycle sees to it. */
  async stopIntake(): Promise<void> {
    this.entrypoint.leave();
    await this.listener?.stop();
  }

  async close(): Promise<void> {
    this.running = false;
    await this.entrypoint.close();
    await this.listener?.close();
  }

  health(): TransportHealth {
    const { port } = this.listener ?? {};
    const tunnels = this.entrypoint.open;
    return { status: this.running ? 'up' : 'down', ...(port === undefined ? {} : { port }), tunnels };
  }

  private plan(modules: ModulesContainer): Planned[] {
    const listed = (this.options.proxies ?? []).map((options, index) => ({
      options,
      place: `httpProxy.proxies[${index}]`,
    }));
    const wrappers = [...modules.values()].flatMap(({ providers }) => [...providers.values()]);
    const decorated = wrappers.flatMap(({ metatype, instance }): Planned[] => {
      const options = metatype ? proxyOptionsOf(metatype) : undefined;
      if (options === undefined) return [];
      const { name } = metatype as { name: string };
      return [{ options: { name, ...options }, place: name, hooks: instance as HttpProxyCommand }];
    });
    return [...listed, ...decorated];
  }
}

function sameKeys(planned: readonly Planned[]): ConfigurationProblem[] {
  const places = new Map<string, string>();
  return planned.flatMap(({ options: { group = GROUP, key, name, match }, place }) => {
    const own = key ?? name ?? String(match);
    const id = JSON.stringify([group, own]);
    const other = places.get(id);
    places.set(id, other ?? place);
    return other === undefined
      ? []
      : [{ path: place, message: `has the key "${own}" in group "${group}", and so has ${other}` }];
  });
}

function unknownGroup({ options: { group }, place }: Planned, pools: Pools): ConfigurationProblem[] {
  if (group === undefined || pools.isRegistered(group)) return [];
  return [{ path: `${place}.group`, message: `"${group}" is not registered (strictPools)` }];
}
