import type { TransportName } from '../call.js';

/** Where a route listens: plain frozen data, so that a decorator can hold it without loading a driver. */
export interface Entrypoint {
  /** `*`: every transport that serves the kind, but for what `options.transports` leaves out. */
  readonly transport: TransportName;
  /** `method` and `event` are the ready-made ones, of `@ExposedMethod` and `@EventHandler`. */
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** The transport of an entrypoint that belongs to none in particular. */
export const ANY_TRANSPORT = '*';

/** For the factories of transports; what is wrong with `options` is said at bootstrap, beside the route's place. */
export function entrypoint(transport: TransportName, kind: string, options: Record<string, unknown>): Entrypoint {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return Object.freeze({ transport, kind, options: Object.freeze(given) });
}

/** Whether a transport of that name and those kinds is one that the entrypoint is for. */
export function isServedBy(
  { transport, kind, options }: Entrypoint,
  { name, kinds }: { readonly name: TransportName; readonly kinds: readonly string[] },
): boolean {
  if (!kinds.includes(kind)) return false;
  if (transport !== ANY_TRANSPORT) return transport === name;
  const chosen = options['transports'] as readonly TransportName[] | undefined;
  return chosen === undefined || chosen.includes(name);
}
