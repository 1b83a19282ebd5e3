import { CallContext } from 'sallyport';
import { nextCallId } from 'sallyport/internal';
import type { IncomingCall } from '../server/incoming-call.js';

const METADATA = 'sallyport-metadata';
const NO_HEADERS = Object.freeze({});

/** What a controller gets as its context: a call without a pool, and so without a deadline. */
export class StrategyCall extends CallContext {
  readonly headers = NO_HEADERS;
  readonly deadline = Infinity;
  readonly attempt = 1;
  readonly redelivered = false;
  readonly traceparent = undefined;
  private known: string | undefined;
  private controller: AbortController | undefined;

  constructor(readonly raw: IncomingCall) {
    super();
  }

  get id(): string {
    return (this.known ??= nextCallId());
  }

  get correlationId(): string {
    return this.id;
  }

  get transport(): 'json-rpc' | 'websocket' {
    return this.raw.transport;
  }

  get route(): string {
    return this.raw.method;
  }

  get signal(): AbortSignal {
    if (this.controller === undefined) {
      const controller = new AbortController();
      const { cancellation } = this.raw;
      const abort = (): void => controller.abort(cancellation.reason);
      if (cancellation.aborted) abort();
      else cancellation.addEventListener('abort', abort);
      this.controller = controller;
    }
    return this.controller.signal;
  }

  remainingMs(): number {
    return Infinity;
  }

  /** What a dispatch hook of the client added to its packet; undefined where it added nothing. */
  getMetadata(): unknown {
    const text = this.raw.headers[METADATA];
    try {
      return text === undefined ? undefined : JSON.parse(decodeURIComponent(text));
    } catch {
      return undefined;
    }
  }
}
