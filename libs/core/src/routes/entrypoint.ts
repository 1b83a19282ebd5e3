import type { TransportName } from '../call.js';

/** Where a route listens: plain frozen data, so that a decorator can hold it without loading a driver. */
export interface Entrypoint {
  readonly transport: TransportName;
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** For the factories of transports; what is wrong with `options` is said at bootstrap, beside the route's place. */
export function entrypoint(transport: TransportName, kind: string, options: Record<string, unknown>): Entrypoint {
  return Object.freeze({ transport, kind, options: Object.freeze({ ...options }) });
}
