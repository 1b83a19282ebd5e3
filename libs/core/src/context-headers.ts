import { currentCall, root, type CallOptions } from './call.js';
import type { Clock } from './clock.js';
import type { IncomingContext } from './transport.js';

/** As a wire has them: names in any case, repeated ones as a list. */
export type WireHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

const DEADLINE = 'sallyport-deadline-ms';
const CALL_ID = 'sallyport-call-id';
const ATTEMPT = 'sallyport-attempt';
/** Those that say more than an application's own, where they may come from anybody. */
const TRUSTED_ONLY = /^(sallyport-.*|baggage|tracestate)$/;
/**
 * Not for whom the call calls in its turn: credentials, which are for who was asked, what HTTP says of one connection or one
 * body, and what is said of each call anew.
 */
const FOR_THIS_CALL =
  /^(authorization|cookie|set-cookie|x-api-.*|x-auth-.*|x-[cx]srf-.*|proxy-.*|x-forwarded-.*|x-real-ip|forwarded|via|host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|content-.*|accept.*|if-.*|range|origin|referer|user-agent|sec-.*|cache-control|pragma|date|from|priority|sallyport-.*)$/;
const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;
const MAX_HEADERS = 64;
const MAX_LENGTH = 8_192;
const MAX_ID_LENGTH = 200;

/** What the headers of a message say about its call. What is malformed or beyond the bounds is as if it were not there. */
export function contextOf(headers: WireHeaders, clock: Clock, trusted: boolean): IncomingContext {
  const all = inLowerCase(headers);
  const kept = trusted ? bounded(all) : all.filter(([name]) => !TRUSTED_ONLY.test(name));
  const known = Object.fromEntries(kept);
  const { traceparent = '', [DEADLINE]: budget, [CALL_ID]: correlationId, [ATTEMPT]: attempt } = known;
  const budgetMs = numberIn(budget);
  const attempts = numberIn(attempt);
  return {
    headers: Object.freeze(known),
    deadline: budgetMs === undefined ? undefined : clock.now() + budgetMs,
    traceparent: TRACEPARENT.test(traceparent) ? traceparent : undefined,
    correlationId: correlationId === undefined || correlationId.length > MAX_ID_LENGTH ? undefined : correlationId,
    attempt: attempts !== undefined && attempts >= 1 ? Math.floor(attempts) : undefined,
  };
}

/** The headers of a call that goes out from within the current one: its trace, id, headers, and the time that is left. */
export function contextHeaders({ headers = {}, timeoutMs = Infinity }: CallOptions = {}): Record<string, string> {
  const call = currentCall();
  const budgetMs = Math.min(call.remainingMs(), timeoutMs);
  return {
    ...passedOn(call.headers),
    ...(call.traceparent === undefined ? {} : { traceparent: call.traceparent }),
    ...(call === root ? {} : { [CALL_ID]: call.correlationId }),
    ...(budgetMs === Infinity ? {} : { [DEADLINE]: String(Math.ceil(budgetMs)) }),
    ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
  };
}

/** Of the headers of a call, those that go with what it causes without being said again. */
export function passedOn(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !FOR_THIS_CALL.test(name)));
}

function inLowerCase(headers: WireHeaders): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]): [string, string][] => {
    if (typeof value === 'string') return [[name.toLowerCase(), value]];
    return Array.isArray(value) ? [[name.toLowerCase(), value.join(', ')]] : [];
  });
}

function bounded(headers: [string, string][]): [string, string][] {
  let length = 0;
  return headers.slice(0, MAX_HEADERS).filter(([name, value]) => (length += name.length + value.length) <= MAX_LENGTH);
}

function numberIn(value: string | undefined): number | undefined {
  const number = value === undefined || value.trim() === '' ? Number.NaN : Number(value);
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}
