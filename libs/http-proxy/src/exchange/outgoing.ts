import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { requestHeaders } from '../headers/request-headers.js';
import type { ProxyRoute } from '../routing/proxy.route.js';
import type { Target } from '../routing/target.js';

/** What is sent to an upstream. */
export interface Outgoing {
  method: string;
  origin: string;
  /** With the query. */
  path: string;
  /** Name after value. */
  headers: string[];
  body: Readable | Buffer | string | null;
}

export function outgoing(route: ProxyRoute, request: IncomingMessage, target: Target, body: Readable | null): Outgoing {
  const headers = requestHeaders(request, route);
  return { method: request.method!, origin: route.origin, path: route.pathFor(target), headers, body };
}
