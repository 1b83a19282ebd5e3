import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import type { AttemptRecord } from './repeats/attempt.js';

export type TransportName =
  'json-rpc' | 'websocket' | 'zeromq' | 'amqp' | 'http' | 'timer' | 'memory' | 'local' | (string & {});

/** How a call ended, as a value: exceptions exist only in the user's handler and in the caller's promise. */
export type Outcome<T = unknown> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Error };

/** What a caller may say about its own call. */
export interface CallOptions {
  /** Cancels the call when it aborts; its reason becomes the `cause`. */
  signal?: AbortSignal;
  /** In ms, instead of the command's; an enclosing call's earlier deadline still wins. */
  timeoutMs?: number;
  /** `false`: repeated only where the target was never reached. @default undefined: as the retry policy says */
  idempotent?: boolean;
  /** Added to the enclosing call's headers; names are kept in lower case. */
  headers?: Record<string, string>;
}

/** What a wire knows of a call that came in over it; what it leaves out is as of a call made here. */
export type Arrival = Partial<Omit<CallContext, 'signal' | 'remainingMs'>> &
  Pick<CallContext, 'transport' | 'route'> & {
    /** Where the message was tried before. */
    readonly attemptRecord?: AttemptRecord;
  };

/** The call that is being served: what it may cost, who asked, and whether it is still wanted. */
export abstract class CallContext {
  abstract readonly id: string;
  /** The id of the outermost call that caused this one. */
  abstract readonly correlationId: string;
  abstract readonly transport: TransportName;
  /** What is called: `<group>/<key>` of a command; the name of an exposed method; `Class.method` of another route. */
  abstract readonly route: string;
  /** Names in lower case. */
  abstract readonly headers: Readonly<Record<string, string>>;
  /** Absolute, on the clock's scale (`performance.now()`); `Infinity` without one. */
  abstract readonly deadline: number;
  /** Made on first use; its reason is a `CallTimeoutError` or a `CallCancelledError`. */
  abstract readonly signal: AbortSignal;
  /** 1 on the first run. */
  abstract readonly attempt: number;
  abstract readonly redelivered: boolean;
  /** W3C Trace Context, as it came from the caller. */
  abstract readonly traceparent?: string;
  /** The wire's own message. */
  abstract readonly raw: unknown;

  /** `Infinity` without a deadline, never below 0. */
  abstract remainingMs(): number;

  /** For logs: what tells it from other calls. */
  toJSON(): Record<string, unknown> {
    const { id, correlationId, transport, route, attempt, traceparent } = this;
    return { id, correlationId, transport, route, attempt, traceparent };
  }
}

class RootCall extends CallContext {
  readonly id = 'root';
  readonly correlationId = 'root';
  readonly transport = 'local';
  readonly route = '';
  readonly headers = Object.freeze({});
  readonly deadline = Infinity;
  readonly attempt = 1;
  readonly redelivered = false;
  readonly traceparent = undefined;
  readonly raw = undefined;

  /** A new one each time, since listeners on a signal that never aborts would pile up. */
  get signal(): AbortSignal {
    return new AbortController().signal;
  }

  remainingMs(): number {
    return Infinity;
  }
}

export const root: CallContext = new RootCall();
export const callStorage = new AsyncLocalStorage<CallContext>();

/** The call being served, before and after every `await`; outside any, a root that never aborts. */
export function currentCall(): CallContext {
  return callStorage.getStore() ?? root;
}

const processId = randomBytes(6).toString('hex');
let calls = 0;

/** Unique among processes, cheap enough to make on demand. */
export function nextCallId(): string {
  return `${processId}-${(++calls).toString(36)}`;
}
