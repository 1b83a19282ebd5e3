import type { ProxyRoute } from './proxy.route.js';

/** In order: the first that matches has the request. */
export class ProxyTable {
  private readonly routes: ProxyRoute[] = [];

  add(route: ProxyRoute): void {
    this.routes.push(route);
  }

  match(method: string, path: string): ProxyRoute | undefined {
    for (const route of this.routes) if (route.matches(method, path)) return route;
    return undefined;
  }

  all(): readonly ProxyRoute[] {
    return this.routes;
  }
}
