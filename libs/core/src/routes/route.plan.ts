import type { ModuleRef } from '@nestjs/core';
import type { ConfigurationProblem } from '../errors.js';
import { httpProblems } from '../http/http.entrypoint.js';
import { problemsOf } from '../options.js';
import type { Pools } from '../pools/pool.registry.js';
import { timerProblems } from '../timers/timer.entrypoint.js';
import type { GatewayTransport } from '../transport.js';
import { ANY_TRANSPORT, isServedBy } from './entrypoint.js';
import { wrongEventName, type EventEntrypoint } from './event-handler.decorator.js';
import { wrongMethodName, type MethodEntrypoint } from './exposed-method.decorator.js';
import type { FoundRoute } from './route.explorer.js';
import { duplicates } from './route.duplicates.js';
import { translatorProblems } from '../pipeline/translators.js';

/** What the routes of an app are held against. */
export interface RouteSurroundings {
  /** The name of this service; empty where there is none. */
  readonly service: string;
  readonly transports: readonly Pick<GatewayTransport, 'name' | 'kinds'>[];
  readonly pools: Pools;
  readonly strictPools: boolean;
  /** Whether the app has an HTTP server, once it is known. */
  readonly hasHttp: () => boolean;
  /** Knows every provider. */
  readonly moduleRef: ModuleRef;
}

/** All that is wrong with the routes of an app. */
export function routeProblems(routes: readonly FoundRoute[], app: RouteSurroundings): ConfigurationProblem[] {
  return [
    ...routes.flatMap((route) => [
      ...problemsOf(route.definition.given, route.definition.shape, route.place),
      ...poolProblems(route, app),
      ...callbackProblems(route),
      ...translatorProblems(usable(route), app.moduleRef, route.place),
      ...entrypointProblems(route, app),
    ]),
    ...duplicates(routes),
  ];
}

/** Methods and events that nobody can reach: it may be meant so, as in a test of something else. */
export function routeWarnings(routes: readonly FoundRoute[], { transports }: RouteSurroundings): string[] {
  const unserved = routes.filter(
    ({ entrypoint }) =>
      entrypoint.transport === ANY_TRANSPORT && !transports.some((one) => isServedBy(entrypoint, one)),
  );
  const kinds = { method: 'exposed methods', event: 'event handlers' };
  return Object.entries(kinds).flatMap(([kind, what]) => {
    const handlers = unserved.filter(({ entrypoint }) => entrypoint.kind === kind).map(({ handler }) => handler);
    if (handlers.length === 0) return [];
    return [`No transport of this app serves these ${what}: ${handlers.join(', ')}`];
  });
}

function usable({ definition: { given }, options }: FoundRoute): FoundRoute['options']['translators'] {
  return given === null || !Array.isArray(options.translators) ? undefined : options.translators.filter(Boolean);
}

function poolProblems({ pool, place }: FoundRoute, { pools, strictPools }: RouteSurroundings): ConfigurationProblem[] {
  if (!strictPools || pool === 'default' || typeof pool !== 'string' || pools.isRegistered(pool)) return [];
  const known = pools.groups().join(', ') || 'none';
  return [{ path: `${place}.pool`, message: `"${pool}" is not registered (strictPools; there are: ${known})` }];
}

function callbackProblems({ options: { callback }, type, method, place }: FoundRoute): ConfigurationProblem[] {
  if (typeof callback !== 'string') return [];
  const path = `${place}.callback`;
  if (callback === method) return [{ path, message: 'is the handler itself' }];
  const found: unknown = (type.prototype as Record<string, unknown>)[callback];
  return typeof found === 'function' ? [] : [{ path, message: `${type.name} has no method "${callback}"` }];
}

function entrypointProblems(
  { entrypoint, place }: FoundRoute,
  { transports, hasHttp }: RouteSurroundings,
): ConfigurationProblem[] {
  const { transport, kind, options } = entrypoint;
  if (transport === '') return [{ path: place, message: 'needs an entrypoint, as every(1_000) is one' }];
  if (transport === ANY_TRANSPORT) {
    const wrong =
      kind === 'event'
        ? wrongEvent(options as EventEntrypoint['options'])
        : wrongMethod(options as MethodEntrypoint['options']);
    return [
      ...(wrong === undefined ? [] : [{ path: place, message: wrong }]),
      ...unknownTransports(options['transports'], transports, place),
    ];
  }
  const named = transports.filter(({ name }) => name === transport);
  if (named.length === 0) {
    const known = transports.map(({ name }) => name).join(', ');
    return [{ path: place, message: `"${transport}" is no transport of this app (there are: ${known})` }];
  }
  if (!named.some(({ kinds }) => kinds.includes(kind))) {
    const kinds = named.flatMap((one) => one.kinds).join(', ') || 'none';
    return [{ path: place, message: `"${transport}" serves no entrypoint "${kind}" (those it serves: ${kinds})` }];
  }
  if (transport === 'timer') return timerProblems(entrypoint, place);
  return transport === 'http' ? httpProblems(entrypoint, hasHttp(), place) : [];
}

function wrongMethod({ name }: MethodEntrypoint['options']): string | undefined {
  const wrong = wrongMethodName(name);
  return wrong && `the name ${JSON.stringify(name)} ${wrong}`;
}

function wrongEvent({ event }: EventEntrypoint['options']): string | undefined {
  const wrong = wrongEventName(event);
  return wrong && `the name of the event ${wrong}`;
}

function unknownTransports(
  chosen: unknown,
  transports: RouteSurroundings['transports'],
  place: string,
): ConfigurationProblem[] {
  if (!Array.isArray(chosen)) return [];
  const known = transports.map(({ name }) => name);
  const unknown = chosen.filter((name) => typeof name === 'string' && !known.includes(name));
  return unknown.map((name) => ({
    path: `${place}.transports`,
    message: `"${name}" is no transport of this app (there are: ${known.join(', ')})`,
  }));
}
