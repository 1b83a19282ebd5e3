import type { Entrypoint, GatewayTransport } from 'sallyport';
import { entrypoint } from 'sallyport/internal';
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

export const jsonRpc = Object.assign(transport, { providers: JSON_RPC_PROVIDERS });

/** A message by that name, over WebSockets alone: `@Route(websocket.message('seen'))`. */
function message(name: string): Entrypoint {
  return entrypoint('websocket', 'message', { name });
}

export const websocket = Object.assign(socketTransport, { message });
