import type { CallContext, TransportName } from '../call.js';
import { show } from '../options.js';
import { ANY_TRANSPORT, entrypoint, type Entrypoint } from './entrypoint.js';
import { recordsRoute } from './route.definition.js';
import { eventHandlerShape, type EventHandlerOptions } from './route.options.js';

/** Run for each event of that name and source, over every transport that serves the kind `event`. */
export interface EventEntrypoint extends Entrypoint {
  readonly kind: 'event';
  readonly options: Readonly<{
    event: string;
    source: string;
    delivery: 'service' | 'singleton' | 'broadcast';
    name: string;
    filter?(payload: unknown): boolean;
    idempotencyKey?(payload: unknown, context: CallContext): string;
    transports?: readonly TransportName[];
  }>;
}

/**
 * A method that runs for each event of that name, on every event transport of the app. Repeatable.
 *
 * @example
 * ```ts
 * @EventHandler('paid', { source: 'billing', backoff: backoff({ maxRetries: 5 }), callback: 'notPaid' })
 * async paid(payment: Payment, context: CallContext) {}
 * ```
 */
export function EventHandler(event: string, options: EventHandlerOptions = {}): MethodDecorator {
  const { source, delivery = 'service', name, filter, idempotencyKey, transports, ...route } = options;
  return recordsRoute('@EventHandler', (method) => ({
    decorator: '@EventHandler',
    method,
    options: route,
    given: options,
    shape: eventHandlerShape,
    entrypoint: (_type, service) =>
      entrypoint(ANY_TRANSPORT, 'event', {
        event,
        source: source ?? service,
        delivery,
        name: name ?? method,
        filter,
        idempotencyKey,
        transports,
      }),
  }));
}

const MAX_NAME_LENGTH = 200;

/** What is wrong with the name of an event, as the end of a sentence. */
export function wrongEventName(event: unknown): string | undefined {
  if (typeof event === 'string' && event.length <= MAX_NAME_LENGTH && /^\S+$/.test(event)) return undefined;
  return `must be a string of 1 to ${MAX_NAME_LENGTH} characters, none of them white space, got ${show(event)}`;
}
