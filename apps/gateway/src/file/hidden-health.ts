import { pathToRegexp } from 'path-to-regexp';
import type { Problem } from './problem.js';
import type { Settings } from './settings.js';

const PATH = '/health';

/** A proxy is asked before the gateway itself: one that takes everything takes the probes too. */
export function hiddenHealth({ health, proxies }: Settings): Problem[] {
  if (health === false) return [];
  const path = `/${(health.path ?? PATH).replaceAll(/^\/|\/$/g, '')}`;
  const index = proxies.findIndex(({ match, methods = ['GET'] }) => {
    const regex = typeof match === 'string' ? pathToRegexp(match).regexp : match;
    return (
      methods.some((method) => method.toUpperCase() === 'GET') &&
      [path, `${path}/ready`].some((probe) => regex.test(probe))
    );
  });
  const message = `takes ${path} too, where the gateway would tell how it is: move that with health.path, or switch it off with "health: false"`;
  return index < 0 ? [] : [{ path: `proxies[${index}].match`, message }];
}
