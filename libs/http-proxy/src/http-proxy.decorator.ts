import type { Type } from '@nestjs/common';
import { requireProvider } from 'sallyport/internal';
import type { HttpProxyCommand } from './http-proxy.command.js';
import type { ProxyOptions } from './http-proxy.options.js';

const ofClasses = new WeakMap<object, ProxyOptions>();

/** The provider that every `httpProxy()` transport brings along. */
export const HTTP_PROXY = Symbol('HTTP_PROXY');

/**
 * Makes a provider proxy the requests that match.
 *
 * @example
 * ```ts
 * @HttpProxy({ match: '/books/*path', upstream: 'http://127.0.0.1:4002', timeoutMs: 2_000 })
 * class Books extends HttpProxyCommand {
 *   override fallback() { return { statusCode: 200, headers: {}, body: [] }; }
 * }
 * ```
 */
export function HttpProxy(
  options: ProxyOptions,
): <C extends new (...args: any[]) => HttpProxyCommand>(target: C) => void {
  return (target) => {
    ofClasses.set(target, options);
    const message = 'has @HttpProxy, but this app has no httpProxy() among the transports of its GatewayModule';
    requireProvider(target.prototype as object, HTTP_PROXY, { path: target.name, message });
  };
}

/** Of the class itself, not of what it extends. */
export function proxyOptionsOf(type: Type<unknown> | Function): ProxyOptions | undefined {
  return ofClasses.get(type);
}
