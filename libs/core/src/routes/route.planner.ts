import { Logger } from '@nestjs/common';
import type { DiscoveryService, SerializedGraph } from '@nestjs/core';
import type { ConfigurationProblem } from '../errors.js';
import type { RouteBuilder } from './route.builder.js';
import { exploreRoutes, type FoundRoute } from './route.explorer.js';
import { nameOf } from './route.js';
import { routeProblems, routeWarnings, type RouteSurroundings } from './route.plan.js';
import type { RouteTable } from './route.table.js';

/** From decorators to the table, once, at bootstrap: found, held against the app, put together. */
export class RoutePlanner {
  private found: readonly FoundRoute[] = [];
  private readonly logger = new Logger('Routes');

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly app: RouteSurroundings,
    private readonly builder: RouteBuilder,
    private readonly table: RouteTable,
  ) {}

  plan(): ConfigurationProblem[] {
    this.found = exploreRoutes(this.discovery, this.app.service);
    return routeProblems(this.found, this.app);
  }

  /** Of a plan without problems. */
  async build(graph: SerializedGraph): Promise<void> {
    for (const warning of routeWarnings(this.found, this.app)) this.logger.warn(warning);
    const routes = [];
    for (const planned of this.found) {
      routes.push(await this.builder.build(planned));
      insertInto(graph, planned);
    }
    this.table.set(routes);
  }
}

/** As Nest's own entrypoints are in there, for its devtools. */
function insertInto(graph: SerializedGraph, { host, method, type, entrypoint, handler }: FoundRoute): void {
  const definition = {
    id: `${host.id}_${method}`,
    type: 'sallyport',
    methodName: method,
    className: type.name,
    classNodeId: host.id,
    metadata: { key: nameOf({ entrypoint, handler }), transport: entrypoint.transport, kind: entrypoint.kind },
  };
  graph.insertEntrypoint(definition, host.id);
}
