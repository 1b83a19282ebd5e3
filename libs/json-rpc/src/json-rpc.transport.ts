import type { Provider } from '@nestjs/common';
import { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import {
  PoolRegistry,
  type GatewayTransport,
  type RemoteCaller,
  type TransportHealth,
  type TransportHost,
  type TransportName,
} from 'sallyport';
import { GATEWAY_OPTIONS, type Pools, type ResolvedGatewayOptions } from 'sallyport/internal';
import { JsonRpcClient } from './client/json-rpc.client.js';
import type { ResolvedJsonRpcOptions } from './json-rpc.options.js';
import { Authentication } from './server/authentication.js';
import { authenticatorsOf } from './server/authenticators.js';
import { Contexts } from './server/contexts.js';
import { Doors } from './server/doors.js';
import { Reception } from './server/reception.js';
import { routeMethods } from './server/route-methods.js';

/** What the app has to offer, once Nest has put it together. */
interface App {
  readonly http: HttpAdapterHost;
  readonly moduleRef: ModuleRef;
  readonly pools: Pools;
}

/** Exposed methods over HTTP and WebSockets, each call through the pool of its route. */
export class JsonRpcTransport implements GatewayTransport {
  readonly providers = JSON_RPC_PROVIDERS;
  /** Undefined in an app that `JSON_RPC_PROVIDERS` are not part of. */
  app: App | undefined;
  private doors: Doors | undefined;

  constructor(
    readonly name: TransportName,
    readonly kinds: readonly string[],
    private readonly options: ResolvedJsonRpcOptions,
    /** What the user called, for messages. */
    private readonly factory: string,
  ) {}

  async start(host: TransportHost): Promise<void> {
    const { options, factory, app } = this;
    const authentication = new Authentication(authenticatorsOf(options.authenticators, app?.moduleRef, factory));
    const contexts = new Contexts(host, authentication.headers);
    const { trusted } = contexts;
    const methods = routeMethods(host, contexts);
    const reception = new Reception(host.service, methods, authentication, { ...options, trusted });
    this.doors = await Doors.open(options, reception, { app: app?.http, takesContext: trusted, factory });
  }

  async stopIntake(): Promise<void> {
    await this.doors?.leave();
  }

  async close(): Promise<void> {
    await this.doors?.close();
    this.doors = undefined;
  }

  caller(endpoint: string): RemoteCaller {
    return new JsonRpcClient({ url: endpoint }, this.app?.pools);
  }

  health(): TransportHealth {
    const { port, openSockets } = this.doors ?? {};
    return {
      status: this.doors === undefined ? 'down' : 'up',
      ...(port === undefined ? {} : { port }),
      ...(openSockets === undefined ? {} : { webSockets: openSockets }),
    };
  }
}

/** Give the transports of an app what they need of it. One for all, so that they can be there before the options are. */
export const JSON_RPC_PROVIDERS: Provider[] = [
  {
    provide: Symbol('jsonRpc'),
    inject: [HttpAdapterHost, ModuleRef, PoolRegistry, GATEWAY_OPTIONS],
    useFactory: (http: HttpAdapterHost, moduleRef: ModuleRef, pools: Pools, { transports }: ResolvedGatewayOptions) => {
      const ours = transports.filter((transport) => transport instanceof JsonRpcTransport);
      for (const transport of ours) transport.app = { http, moduleRef, pools };
      return ours.length;
    },
  },
];
