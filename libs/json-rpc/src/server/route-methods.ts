import { ConfigurationError, type RouteDescription, type TransportHost } from 'sallyport';
import { show, type ConfigurationProblem } from 'sallyport/internal';
import type { Contexts } from './contexts.js';
import { RouteMethod } from './route-method.js';

const NAME = /^\S{1,200}$/;

/** The routes of an app by the names they are called by. @throws ConfigurationError for names that are none, or taken */
export function routeMethods(host: TransportHost, contexts: Contexts): Map<string, RouteMethod> {
  const methods = new Map<string, RouteMethod>();
  const problems: ConfigurationProblem[] = [];
  for (const route of host.routes) {
    const method = new RouteMethod(host, route, contexts);
    const message = wrongName(route) ?? taken(methods.get(method.name));
    if (message !== undefined) problems.push({ path: route.handler, message });
    methods.set(method.name, method);
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  return methods;
}

/** Those of exposed methods have been looked at. */
function wrongName({ entrypoint: { kind, options } }: RouteDescription): string | undefined {
  const { name } = options;
  if (kind === 'method') return undefined;
  if (typeof name !== 'string' || !NAME.test(name)) {
    return `the name of a message must be 1 to 200 characters, none of them white space, got ${show(name)}`;
  }
  return name.startsWith('rpc.') || name.startsWith('$/') ? `the name ${show(name)} is reserved` : undefined;
}

function taken(other: RouteMethod | undefined): string | undefined {
  return other && `has the name "${other.name}", and so has ${other.route.handler}`;
}
