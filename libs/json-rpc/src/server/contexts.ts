import type { CallContext, TransportHost } from 'sallyport';
import type { RpcCall } from '../envelope/request.js';
import type { IncomingCall } from './incoming-call.js';

/** What HTTP, its proxies and its browsers say for themselves, and what proves who is calling: no context of a call. */
const NOT_CONTEXT = new Set([
  'authorization',
  'cache-control',
  'connection',
  'cookie',
  'date',
  'expect',
  'forwarded',
  'from',
  'host',
  'keep-alive',
  'max-forwards',
  'origin',
  'pragma',
  'referer',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'via',
]);
const NOT_CONTEXT_EITHER = /^(accept|content|if|proxy|sec|x-forwarded)(-|$)/;
const PROBE = { 'sallyport-call-id': 'probe' };

/** What the handler of a call is told about it. */
export class Contexts {
  /** Whether peers are believed about deadlines, traces and headers. */
  readonly trusted: boolean;
  private readonly secret: ReadonlySet<string>;

  /** `secret`: names of headers that carry credentials. */
  constructor(
    private readonly host: Pick<TransportHost, 'contextOf'>,
    secret: readonly string[],
  ) {
    this.trusted = host.contextOf(PROBE, 'outside').correlationId !== undefined;
    this.secret = new Set([...NOT_CONTEXT, ...secret]);
  }

  of(call: IncomingCall, message: RpcCall): Partial<CallContext> {
    const { transport, cancellation } = call;
    const { signal } = cancellation;
    if (!this.trusted) return { transport, raw: call, signal };
    const headers = transport === 'websocket' ? inMessage(message) : this.inRequest(call);
    return { ...this.host.contextOf(headers, 'outside'), transport, raw: call, signal };
  }

  private inRequest({ headers }: IncomingCall): Record<string, string> {
    const kept = Object.entries(headers).filter(([name]) => !this.secret.has(name) && !NOT_CONTEXT_EITHER.test(name));
    return Object.fromEntries(kept);
  }
}

/** A frame has no headers: they are a member of the request object. */
function inMessage({ sallyport }: RpcCall): Record<string, string> {
  if (typeof sallyport !== 'object' || sallyport === null || Array.isArray(sallyport)) return {};
  const headers = Object.entries(sallyport).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(headers);
}
