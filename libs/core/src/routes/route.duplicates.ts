import type { TransportName } from '../call.js';
import type { ConfigurationProblem } from '../errors.js';
import { ANY_TRANSPORT } from './entrypoint.js';
import type { EventEntrypoint } from './event-handler.decorator.js';
import type { FoundRoute } from './route.explorer.js';

/** Routes between which a call could not choose, or which would share what is meant for one of them; both are named. */
export function duplicates(routes: readonly FoundRoute[]): ConfigurationProblem[] {
  const first = new Map<unknown, FoundRoute[]>();
  return routes.flatMap((route) => {
    const identity = identityOf(route);
    const others = first.get(identity) ?? [];
    first.set(identity, [...others, route]);
    const other = others.find((candidate) => overlap(candidate, route));
    return other === undefined ? [] : [{ path: route.place, message: sameAs(route, other) }];
  });
}

/** What no two routes may have in common on one transport: at least the decorator, where a class is made twice. */
function identityOf({ entrypoint: { kind, options, transport }, definition }: FoundRoute): unknown {
  if (kind === 'method') return JSON.stringify([kind, options['name']]);
  if (kind === 'event') return eventIdentity(options as EventEntrypoint['options']) ?? definition;
  return transport === 'http' ? JSON.stringify([transport, kind, options['path']]) : definition;
}

/** By the queue that it would be, on a transport that has queues. */
function eventIdentity({ event, source, delivery, name }: EventEntrypoint['options']): string | undefined {
  if (delivery === 'broadcast') return undefined;
  return JSON.stringify(delivery === 'singleton' ? ['event', source, event] : ['event', source, event, name]);
}

function overlap(one: FoundRoute, other: FoundRoute): boolean {
  if (one.definition === other.definition && one.type === other.type) return true;
  if (typeof identityOf(one) !== 'string') return false;
  const [a, b] = [transportsOf(one), transportsOf(other)];
  return a === undefined || b === undefined || a.some((name) => b.includes(name));
}

/** Undefined: all. */
function transportsOf({ entrypoint: { transport, options } }: FoundRoute): readonly TransportName[] | undefined {
  if (transport !== ANY_TRANSPORT) return [transport];
  return Array.isArray(options['transports']) ? (options['transports'] as TransportName[]) : undefined;
}

function sameAs(route: FoundRoute, other: FoundRoute): string {
  if (route.definition === other.definition && route.type === other.type && route.host !== other.host) {
    const modules = [other, route].map(({ host }) => host.host?.name).join(' and in ');
    return `is there twice, since ${route.type.name} is made in ${modules}; import the module that has it instead`;
  }
  const { kind, options } = route.entrypoint;
  if (kind === 'method') return `exposes "${String(options['name'])}", and so does ${other.place}; names are unique`;
  if (kind === 'event') {
    const { event, source, name, delivery } = options as EventEntrypoint['options'];
    const shared = delivery === 'singleton' ? 'as a singleton' : `under the name "${name}"`;
    return `handles "${event}" of "${source}" ${shared}, and so does ${other.place}; give one of them another name`;
  }
  return `has the same entrypoint as ${other.place}`;
}
