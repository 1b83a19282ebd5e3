import { AsyncResource } from 'node:async_hooks';
import {
  AccessDeniedError,
  CallCancelledError,
  HandlerNotFoundError,
  InvalidCallError,
  ShuttingDownError,
  TransportError,
  type CallOptions,
  type GatewayTransport,
  type Outcome,
  type RouteDescription,
  type TransportHealth,
  type TransportHost,
} from 'sallyport';
import { contextHeaders, type EventEntrypoint, type MethodEntrypoint } from 'sallyport/internal';
import { InFlight } from './in-flight.js';
import { acrossTheWire, replyOf, resultOf, type WireReply } from './wire-form.js';

type OutgoingEvent = Parameters<NonNullable<GatewayTransport['emit']>>[0];

/** Events that are being handled at once; who emits more waits. */
const MAX_EVENTS = 256;

/**
 * A wire without a network, for tests: exposed methods and events of one app. Arguments and results cross it as JSON,
 * errors as their `code`, and nothing else does but context headers, the deadline and a cancel. Nobody is
 * authenticated, so that private methods are refused.
 *
 * @example
 * ```ts
 * const wire = inMemory();                        // GatewayModule.forRoot({ service: 'accounts', transports: [wire] })
 * const user = await wire.call('users.find', { id: 7 });
 * ```
 */
export function inMemory(): GatewayTransport & {
  call(method: string, params?: unknown[] | object, options?: CallOptions): Promise<unknown>;
} {
  return new InMemoryTransport();
}

class InMemoryTransport implements GatewayTransport {
  readonly name = 'memory';
  readonly kinds = ['method', 'event'];
  private host: TransportHost | undefined;
  private readonly methods = new Map<string, RouteDescription>();
  private readonly events = new Map<string, RouteDescription[]>();
  private readonly calls = new InFlight(Infinity);
  private readonly handling = new InFlight(MAX_EVENTS);
  /** What arrives is not part of what its sender does, whatever either keeps in an AsyncLocalStorage. */
  private readonly scope = new AsyncResource('sallyport.memory');
  private open = false;

  async start(host: TransportHost): Promise<void> {
    if (this.host !== undefined) throw new TransportError('one inMemory() is for one app', 'memory', 'protocol');
    this.host = host;
    for (const route of host.routes) {
      if (route.entrypoint.kind === 'method')
        this.methods.set((route.entrypoint as MethodEntrypoint).options.name, route);
      else this.subscribe(route, route.entrypoint as EventEntrypoint);
    }
    this.open = true;
  }

  async call(method: string, params?: unknown[] | object, options: CallOptions = {}): Promise<unknown> {
    const sent = outgoing(method, params);
    const { signal } = options;
    if (signal?.aborted) throw cancelled(method, signal);
    const cancel = new AbortController();
    const headers = contextHeaders(options);
    const answer = (): Promise<WireReply> => this.answer(method, sent, headers, cancel.signal);
    const { ended } = await this.calls.begin(() => this.scope.runInAsyncScope(answer));
    return resultOf(await unlessCancelled(ended, method, signal, cancel));
  }

  /** Resolves when the handlers have the event, or wait for a slot. */
  async emit({ source, name, body, mandatory, headers }: OutgoingEvent): Promise<void> {
    const sent = acrossTheWire(body);
    const routes = this.events.get(keyOf(source, name)) ?? [];
    if (!this.open) throw new TransportError('this wire is closed', 'memory', 'disconnected');
    if (mandatory && routes.length === 0) {
      throw new TransportError(`nobody handles "${name}" of "${source}"`, 'memory', 'unroutable');
    }
    for (const route of routes) {
      const handle = (): Promise<unknown> =>
        this.host!.dispatch(route, acrossTheWire(sent), this.host!.contextOf(headers), 'wait');
      await this.handling.begin(() => this.scope.runInAsyncScope(handle));
    }
  }

  async stopIntake(): Promise<void> {
    this.open = false;
  }

  async close(): Promise<void> {
    await Promise.all([this.calls.settled(), this.handling.settled()]);
  }

  health(): TransportHealth {
    return { status: this.open ? 'up' : 'down', calls: this.calls.size, events: this.handling.size };
  }

  private subscribe(route: RouteDescription, { options: { source, event } }: EventEntrypoint): void {
    const key = keyOf(source, event);
    this.events.set(key, [...(this.events.get(key) ?? []), route]);
  }

  private async answer(
    method: string,
    params: unknown,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<WireReply> {
    return replyOf(await this.outcomeOf(method, params, headers, signal));
  }

  private async outcomeOf(
    method: string,
    params: unknown,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Outcome> {
    if (!this.open) return failure(new ShuttingDownError('this wire takes nothing new'));
    const route = this.methods.get(method);
    if (route === undefined) return failure(new HandlerNotFoundError(`there is no method "${method}"`));
    if ((route.entrypoint as MethodEntrypoint).options.private) {
      return failure(new AccessDeniedError(`"${method}" is private, and nobody is authenticated on this wire`));
    }
    return this.host!.dispatch(route, params, { ...this.host!.contextOf(headers), signal });
  }
}

/** A method without parameters is sent none. */
function outgoing(method: string, params: unknown): unknown {
  try {
    return acrossTheWire(params);
  } catch (cause) {
    throw new InvalidCallError(`the parameters of "${method}" cannot be serialised`, [], { cause });
  }
}

/** Who cancels is told at once; the other side is told too, and its reply is dropped. */
function unlessCancelled(
  reply: Promise<WireReply>,
  method: string,
  signal: AbortSignal | undefined,
  cancel: AbortController,
): Promise<WireReply> {
  if (signal === undefined) return reply;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      reject(cancelled(method, signal));
      cancel.abort();
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    reply.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function cancelled(method: string, signal: AbortSignal): CallCancelledError {
  return new CallCancelledError(`the call of "${method}" was cancelled`, { cause: signal.reason });
}

function failure(error: Error): Outcome {
  return { ok: false, error };
}

function keyOf(source: string, event: string): string {
  return `${source}/${event}`;
}
