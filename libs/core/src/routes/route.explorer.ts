import type { Type } from '@nestjs/common';
import type { DiscoveryService } from '@nestjs/core';
import { isPlainObject } from '../options.js';
import type { InstanceWrapper } from '../pipeline/enhancers.js';
import { entrypoint, type Entrypoint } from './entrypoint.js';
import { routeDefinitions, type RouteDefinition } from './route.definition.js';
import type { PlannedRoute } from './route.js';

const DEFAULT_POOL = 'default';

/** A route as it was found, right or wrong. */
export interface FoundRoute extends PlannedRoute {
  /** For messages: `Users.find @ExposedMethod`. */
  readonly place: string;
  readonly definition: RouteDefinition;
}

/** Every route of the app, one for each decorator on a method of a provider or a controller. */
export function exploreRoutes(discovery: DiscoveryService, service: string): FoundRoute[] {
  const hosts = [...discovery.getProviders(), ...discovery.getControllers()].filter(({ isAlias }) => !isAlias);
  return hosts.flatMap((host) => {
    const type = typeOf(host);
    return type === undefined ? [] : routeDefinitions(type.prototype).map((one) => found(one, type, host, service));
  });
}

function found(definition: RouteDefinition, type: Type<object>, host: InstanceWrapper, service: string): FoundRoute {
  const { method, decorator, options } = definition;
  const handler = `${type.name}.${method}`;
  return {
    entrypoint: entrypointOf(definition.entrypoint(type, service)),
    handler,
    pool: options.pool ?? DEFAULT_POOL,
    options: Object.freeze({ ...options }),
    type,
    method,
    host,
    place: `${handler} ${decorator}`,
    definition,
  };
}

/** Something that can be looked at, whatever the decorator was given. */
function entrypointOf(given: unknown): Entrypoint {
  if (!isPlainObject(given)) return entrypoint('', '', {});
  const { transport, kind, options } = given as Partial<Entrypoint>;
  return typeof transport === 'string' && typeof kind === 'string' && isPlainObject(options)
    ? (given as unknown as Entrypoint)
    : entrypoint('', '', {});
}

/** The class of what Nest makes, or of what it was given, be it a value or out of a factory. */
function typeOf({ isNotMetatype, metatype, instance }: InstanceWrapper): Type<object> | undefined {
  const type: unknown = isNotMetatype ? (instance as object | null | undefined)?.constructor : metatype;
  const isClass = typeof type === 'function' && typeof type.prototype === 'object' && type.prototype !== null;
  return isClass ? (type as Type<object>) : undefined;
}
