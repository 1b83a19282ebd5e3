export { HttpProxyCommand } from './http-proxy.command.js';
export type { ProxyRequest, ProxyResponse } from './http-proxy.command.js';
export { HttpProxy } from './http-proxy.decorator.js';
export type { HttpProxyOptions, ProxyOptions } from './http-proxy.options.js';
export { httpProxy } from './http-proxy.js';
