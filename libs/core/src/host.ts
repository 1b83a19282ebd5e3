import type { Arrival, Outcome } from './call.js';
import type { Clock } from './clock.js';
import { contextOf, type WireHeaders } from './context-headers.js';
import type { Dispatcher } from './dispatcher.js';
import { RouteNotFoundError } from './errors.js';
import { Route } from './routes/route.js';
import type { RouteTable } from './routes/route.table.js';
import type { GatewayTransport, IncomingContext, RouteDescription, TransportHost } from './transport.js';

/** What each transport is given when it starts. */
export class Hosts {
  constructor(
    private readonly app: Surroundings,
    private readonly table: RouteTable,
    private readonly dispatcher: Dispatcher,
  ) {}

  of(transport: GatewayTransport): TransportHost {
    return new DispatchingHost(transport, this.app, this.table.servedBy(transport), this.dispatcher);
  }
}

interface Surroundings {
  readonly service: string;
  readonly clock: Clock;
  readonly trustContext: boolean;
}

class DispatchingHost implements TransportHost {
  constructor(
    private readonly transport: GatewayTransport,
    private readonly app: Surroundings,
    readonly routes: readonly Route[],
    private readonly dispatcher: Dispatcher,
  ) {}

  get service(): string {
    return this.app.service;
  }

  get clock(): Clock {
    return this.app.clock;
  }

  contextOf(headers: WireHeaders, from: 'peer' | 'outside' = 'peer'): IncomingContext {
    return contextOf(headers, this.clock, from === 'peer' || this.app.trustContext);
  }

  dispatch(
    route: RouteDescription,
    payload: unknown,
    context: IncomingContext,
    admission: 'refuse' | 'wait' = 'refuse',
  ): Promise<Outcome> {
    if (!(route instanceof Route)) {
      return Promise.resolve({ ok: false, error: new RouteNotFoundError(`${route.handler} is no route of this host`) });
    }
    const { name, redelivers = false } = this.transport;
    const arrival = arrivalOf(context, name, route.name);
    return this.dispatcher.dispatch({
      route,
      payload,
      arrival,
      signal: context.signal,
      admission,
      redelivered: redelivers,
    });
  }
}

/** Field by field, since a context may be an object with getters. */
function arrivalOf(context: IncomingContext, transport: string, route: string): Arrival {
  return {
    id: context.id,
    correlationId: context.correlationId,
    transport: context.transport ?? transport,
    route,
    headers: context.headers,
    deadline: context.deadline,
    attempt: context.attempt,
    redelivered: context.redelivered,
    traceparent: context.traceparent,
    raw: context.raw,
    attemptRecord: context.attemptRecord,
  };
}
