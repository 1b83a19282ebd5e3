import type { Type } from '@nestjs/common';
import { HttpProxy, HttpProxyCommand, type ProxyOptions } from 'sallyport/http-proxy';

/** A proxy of every path, whose hooks are these. */
export function hooked(
  upstream: string,
  hooks: Partial<HttpProxyCommand>,
  options: Partial<ProxyOptions> = {},
): Type<HttpProxyCommand> {
  @HttpProxy({ match: '/*path', upstream, key: 'hooked', ...options })
  class Hooked extends HttpProxyCommand {}
  Object.assign(Hooked.prototype, hooks);
  return Hooked;
}
