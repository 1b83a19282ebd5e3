import type { Provider } from '@nestjs/common';
import type { CallContext, CallOptions, Outcome, TransportName } from './call.js';
import type { Clock } from './clock.js';
import type { WireHeaders } from './context-headers.js';
import type { OutgoingEvent } from './events/events.js';
import type { Unwrapped } from './pools/result.js';
import type { AttemptRecord } from './repeats/attempt.js';
import type { Entrypoint } from './routes/entrypoint.js';
import type { RouteOptions } from './routes/route.options.js';

/** Live state, told without I/O. */
export interface TransportHealth {
  status: 'up' | 'degraded' | 'down';
  [detail: string]: unknown;
}

/** A wire: started after the providers, drained and closed before them. */
export interface GatewayTransport {
  readonly name: TransportName;
  /** The kinds of entrypoints it serves; `method` and `event` are the ready-made ones. */
  readonly kinds: readonly string[];
  /** Those of its kinds where nobody waits for a reply: a handler's time runs from its own start. @default ['event'] */
  readonly oneWay?: readonly string[];
  /** True: it delivers again what failed, as `backoff` says; otherwise that is done in this process. @default false */
  readonly redelivers?: boolean;
  /** What can be injected because of it. */
  readonly providers?: Provider[];
  /** Ready for traffic when it resolves. */
  start(host: TransportHost): Promise<void>;
  /** Nothing new is accepted from then on. */
  stopIntake(): Promise<void>;
  /** What was settled is flushed. */
  close(): Promise<void>;
  health(): TransportHealth;
  /** Resolves when it has taken responsibility for the event. */
  emit?(event: OutgoingEvent): Promise<void>;
  /** A way out to the service at that address, for discovery. */
  caller?(endpoint: string): RemoteCaller;
}

/** What a wire knows of a call that it hands over; `transport` and `route` are filled in. */
export type IncomingContext = Partial<CallContext> & {
  /** Of a wire that redelivers: what was tried before. */
  readonly attemptRecord?: AttemptRecord;
};

/** What a wire is given when it starts. */
export interface TransportHost {
  readonly service: string;
  /** Those that this transport serves. */
  readonly routes: readonly RouteDescription[];
  /** The clock of the app, which deadlines are on. */
  readonly clock: Clock;
  /**
   * What the context headers of a message say: deadline, trace, call id, attempt, and what applications added.
   * `outside` is who may be anybody: HTTP and WebSocket peers, who are believed with `trustContext` only. @default 'peer'
   */
  contextOf(headers: WireHeaders, from?: 'peer' | 'outside'): IncomingContext;
  /**
   * Runs the handler of one of `routes`, and never rejects. Where nobody waits for the outcome, it is told once the
   * handler has really settled, also after a timeout, or `graceMs` later.
   *
   * `admission` `wait`: what comes in is bounded by the wire (prefetch, credit), so that a full pool does not refuse.
   */
  dispatch(
    route: RouteDescription,
    payload: unknown,
    context: IncomingContext,
    admission?: 'refuse' | 'wait',
  ): Promise<Outcome>;
}

/** A route as data. */
export interface RouteDescription {
  readonly entrypoint: Entrypoint;
  /** `Class.method`. */
  readonly handler: string;
  readonly pool: string;
  readonly options: Readonly<RouteOptions>;
}

/** A way out to one other service. */
export interface RemoteCaller {
  call(method: string, params?: unknown[] | object, options?: CallOptions): Promise<unknown>;
  notify(method: string, params?: unknown[] | object): Promise<void>;
  close(): Promise<void>;
}

/** The async face of a remote interface. `then` and symbols are never methods. */
export type Remote<T> = {
  readonly [
    K in Exclude<keyof T, symbol | 'then'> as T[K] extends (...args: any[]) => unknown ? K : never
  ]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<Unwrapped<R>> : never;
};
