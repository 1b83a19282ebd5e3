import type { GatewayTransport, RouteDescription } from '../transport.js';
import { isServedBy } from './entrypoint.js';
import type { Route } from './route.js';

/** Every route of the app, from `onApplicationBootstrap` on. */
export class RouteTable {
  private routes: readonly Route[] = [];

  /** As data, in the order in which they were found. */
  describe(): RouteDescription[] {
    return this.routes.map(({ entrypoint, handler, pool, options }) => ({ entrypoint, handler, pool, options }));
  }

  /** @internal */
  set(routes: readonly Route[]): void {
    this.routes = routes;
  }

  /** @internal */
  servedBy(transport: Pick<GatewayTransport, 'name' | 'kinds'>): readonly Route[] {
    return this.routes.filter(({ entrypoint }) => isServedBy(entrypoint, transport));
  }
}
