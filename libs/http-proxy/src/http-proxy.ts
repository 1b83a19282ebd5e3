import type { GatewayTransport } from 'sallyport';
import type { HttpProxyOptions } from './http-proxy.options.js';
import { HttpProxyTransport } from './http-proxy.transport.js';

/**
 * The transport that lets HTTP requests through to upstreams: those of `proxies`, then those of classes with
 * `@HttpProxy`. On the app's own server it is ahead of the framework; with `port` it has a listener of its own.
 *
 * @throws ConfigurationError with every problem of the options
 */
export function httpProxy(options: HttpProxyOptions = {}): GatewayTransport {
  return new HttpProxyTransport(options);
}
