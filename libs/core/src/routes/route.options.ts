import type { Type } from '@nestjs/common';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { CallContext, TransportName } from '../call.js';
import { boolean, callable, falseOr, isPlainObject, name, oneOf, positive, show, type Shape } from '../options.js';
import type { Backoff } from '../repeats/backoff.js';
import type { MessageTranslator } from '../pipeline/translators.js';

export interface RouteOptions {
  /** The pool that bounds it. @default 'default' */
  pool?: string;
  /** In ms, waiting included; where no caller waits (events, timers) from the start of the handler. @default the pool's */
  timeoutMs?: number | false;
  /** Applied to the payload in that order, before anything else sees it: instances, or classes that are providers. */
  translators?: (MessageTranslator | Type<MessageTranslator>)[];
  /** Whether a message is tried again. AMQP: delayed redelivery; elsewhere in this process, and lost with it. @default none */
  backoff?: Backoff;
  /** A method, called once when attempts are used up: (payload, error, attempt). Success settles; failure dead-letters. */
  callback?: string;
}

export interface ExposedMethodOptions extends Omit<RouteOptions, 'callback'> {
  /** True: refused `ACCESS_DENIED` unless an authenticator of the wire accepts the caller. @default false */
  private?: boolean;
  /** The names of the parameters in their order; one with a default value may be left out. */
  params?: readonly string[];
  /** Sees the named object; its output is what the handler gets, spread where there are `params`. */
  schema?: StandardSchemaV1;
  /** @default all that serve methods */
  transports?: TransportName[];
}

/* eslint-disable typescript/no-explicit-any -- what a payload is only its handler knows */
export interface EventHandlerOptions extends RouteOptions {
  /** The service that emits it. @default this service */
  source?: string;
  /** Which instances get an event: one of each service, one at all, or every one. @default 'service' */
  delivery?: 'service' | 'singleton' | 'broadcast';
  /** Part of the name of its queue; unique among the handlers of that event. @default the method's */
  name?: string;
  /** Of the translated payload. False: settled, not run. */
  filter?(payload: any): boolean;
  /** Two events with the same key are one, where a transport looks for that. */
  idempotencyKey?(payload: any, context: CallContext): string;
  /** @default all that carry events */
  transports?: TransportName[];
}
/* eslint-enable typescript/no-explicit-any */

const sharedShape = { pool: name, timeoutMs: falseOr(positive), translators, backoff } satisfies Shape;

export const routeShape: Shape = { ...sharedShape, callback: name };

export const exposedMethodShape: Shape = {
  ...sharedShape,
  private: boolean,
  params,
  schema,
  transports,
};

export const eventHandlerShape: Shape = {
  ...routeShape,
  source: name,
  delivery: oneOf('service', 'singleton', 'broadcast'),
  name,
  filter: callable,
  idempotencyKey: callable,
  transports,
};

function translators(value: unknown): string | undefined {
  if (!Array.isArray(value)) return `must be an array of translators, got ${show(value)}`;
  const bad = value.findIndex((one) => !isTranslator(one));
  return bad < 0 ? undefined : `[${bad}] is no translator: it needs a method translate(message, context)`;
}

function isTranslator(value: unknown): boolean {
  const candidate: unknown = typeof value === 'function' ? value.prototype : value;
  return isPlainObject(candidate) && typeof candidate['translate'] === 'function';
}

function backoff(value: unknown): string | undefined {
  const fine =
    isPlainObject(value) &&
    typeof value['maxRetries'] === 'number' &&
    typeof value['delayMs'] === 'function' &&
    typeof value['accepts'] === 'function';
  return fine ? undefined : `must be what backoff() gives, got ${show(value)}`;
}

function params(value: unknown): string | undefined {
  const fine = Array.isArray(value) && value.every((one) => typeof one === 'string' && one !== '');
  if (!fine) return 'must be an array of names';
  return new Set(value).size === value.length ? undefined : 'has a name twice';
}

function schema(value: unknown): string | undefined {
  const standard = (value as Partial<StandardSchemaV1> | undefined)?.['~standard'];
  return typeof standard?.validate === 'function' ? undefined : `must be a Standard Schema, got ${show(value)}`;
}

function transports(value: unknown): string | undefined {
  const fine = Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string');
  return fine ? undefined : 'must be an array of names of transports';
}
