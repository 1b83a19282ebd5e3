import type { FactoryProvider, InjectionToken } from '@nestjs/common';
import { PoolRegistry, type Entrypoint, type GatewayTransport } from 'sallyport';
import { entrypoint, type Pools } from 'sallyport/internal';
import { checkClientOptions, type JsonRpcClientOptions } from './client/json-rpc-client.options.js';
import { JsonRpcClient } from './client/json-rpc.client.js';
import { resolveJsonRpcOptions, type JsonRpcOptions } from './json-rpc.options.js';
import { JSON_RPC_PROVIDERS, JsonRpcTransport } from './json-rpc.transport.js';

/**
 * The transport that lets others call the exposed methods of an app as JSON-RPC 2.0: on the server of the app, ahead of
 * its framework, or with `port` on a listener of its own; over HTTP, and with `webSocket` over WebSockets.
 *
 * @throws ConfigurationError with every problem of the options
 */
function transport(options?: JsonRpcOptions): GatewayTransport {
  return new JsonRpcTransport('json-rpc', ['method'], resolveJsonRpcOptions(options), 'jsonRpc');
}

/** JSON-RPC over WebSockets alone, which also takes messages that are no exposed methods: `websocket.message(name)`. */
function socketTransport(options: Omit<JsonRpcOptions, 'http' | 'webSocket'> = {}): GatewayTransport {
  const resolved = resolveJsonRpcOptions({ ...options, http: false, webSocket: true }, 'websocket');
  return new JsonRpcTransport('websocket', ['method', 'message'], resolved, 'websocket');
}

/** Provides a client whose calls are commands of the app: in its pools, seen by whoever listens to its telemetry. */
function client(token: InjectionToken, options: JsonRpcClientOptions): FactoryProvider<JsonRpcClient> {
  checkClientOptions(options);
  return {
    provide: token,
    inject: [PoolRegistry],
    useFactory: (pools: Pools) => new JsonRpcClient(options, pools),
  };
}

export const jsonRpc = Object.assign(transport, { client, providers: JSON_RPC_PROVIDERS });

/** A message by that name, over WebSockets alone: `@Route(websocket.message('seen'))`. */
function message(name: string): Entrypoint {
  return entrypoint('websocket', 'message', { name });
}

export const websocket = Object.assign(socketTransport, { message });
