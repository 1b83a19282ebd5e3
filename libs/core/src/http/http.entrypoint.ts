import type { ConfigurationProblem } from '../errors.js';
import { show } from '../options.js';
import { entrypoint, type Entrypoint } from '../routes/entrypoint.js';

/** A path on the HTTP server of the app, as its platform writes one: `/orders/:id`. */
export type HttpVerb = 'get' | 'post' | 'put' | 'patch' | 'delete';

export const HTTP_VERBS: readonly HttpVerb[] = ['get', 'post', 'put', 'patch', 'delete'];

/**
 * Routes on the app's own HTTP server, beside its controllers. The payload is `{ params, query, body, headers }`, the
 * reply the result as JSON. Paths are as given: a global prefix is not for them.
 *
 * @example
 * ```ts
 * @Route(http.get('/orders/:id'), { pool: 'orders' })
 * find({ params }: { params: { id: string } }) { return this.orders.get(params.id); }
 * ```
 */
export const http: { readonly [Verb in HttpVerb]: (path: string) => Entrypoint } = Object.freeze({
  get: (path: string) => entrypoint('http', 'get', { path }),
  post: (path: string) => entrypoint('http', 'post', { path }),
  put: (path: string) => entrypoint('http', 'put', { path }),
  patch: (path: string) => entrypoint('http', 'patch', { path }),
  delete: (path: string) => entrypoint('http', 'delete', { path }),
});

/** All that is wrong with such an entrypoint. */
export function httpProblems({ kind, options }: Entrypoint, hasServer: boolean, place: string): ConfigurationProblem[] {
  const path = `${place} http.${kind}()`;
  const { path: given } = options;
  const wrong =
    typeof given === 'string' && given.startsWith('/') ? [] : [`needs a path like "/orders", got ${show(given)}`];
  const missing = hasServer ? [] : ['needs an HTTP server, and this app has none: use NestFactory.create()'];
  return [...wrong, ...missing].map((message) => ({ path, message }));
}
