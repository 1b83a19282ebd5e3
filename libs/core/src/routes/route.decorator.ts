import type { Entrypoint } from './entrypoint.js';
import { recordsRoute } from './route.definition.js';
import { routeShape, type RouteOptions } from './route.options.js';

/**
 * A method that an entrypoint leads to: a timer, a path, or what a transport has to offer. Repeatable.
 *
 * @example
 * ```ts
 * @Route(every(60_000), { timeoutMs: 5_000 })
 * async refresh(scheduledAt: string) {}
 * ```
 */
export function Route(entrypoint: Entrypoint, options: RouteOptions = {}): MethodDecorator {
  return recordsRoute('@Route', (method) => ({
    decorator: '@Route',
    method,
    options,
    given: options,
    shape: routeShape,
    entrypoint: () => entrypoint,
  }));
}
