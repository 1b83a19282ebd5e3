import { CallContext, nextCallId, root, type CallOptions } from '../call.js';
import { isGatewayError, type CallCancelledError, type CallTimeoutError } from '../errors.js';
import type { Circuit } from './circuit.js';
import type { Expiring, Timekeeper } from './timekeeper.js';

/** A call's place among calls: what it inherits, until when it may take, and who is told when nobody wants it any more. */
export abstract class LiveCall extends CallContext implements Expiring {
  readonly transport = 'local';
  readonly redelivered = false;
  readonly raw = undefined;
  attempt = 1;
  timeoutMs = Infinity;
  expiresAt = 0;
  earlier: Expiring | null = null;
  later: Expiring | null = null;
  /** Why its signal is, or would be, aborted. */
  abortedBy: CallTimeoutError | CallCancelledError | undefined = undefined;
  private ownId: string | undefined = undefined;
  private ownHeaders: Readonly<Record<string, string>> | undefined = undefined;
  private controller: AbortController | undefined = undefined;
  private children: Set<LiveCall> | undefined = undefined;

  protected constructor(
    protected readonly parent: CallContext,
    protected readonly options: CallOptions | undefined,
    protected readonly circuit: Circuit,
    protected readonly time: Timekeeper,
  ) {
    super();
  }

  abstract expire(): void;
  abstract cancel(reason?: unknown): boolean;

  get id(): string {
    return (this.ownId ??= nextCallId());
  }

  get correlationId(): string {
    return this.parent === root ? this.id : this.parent.correlationId;
  }

  get route(): string {
    return `${this.circuit.group}/${this.circuit.key}`;
  }

  get headers(): Readonly<Record<string, string>> {
    const given = this.options?.headers;
    if (given === undefined) return this.parent.headers;
    return (this.ownHeaders ??= Object.freeze({ ...this.parent.headers, ...inLowerCase(given) }));
  }

  get traceparent(): string | undefined {
    return this.options?.headers === undefined
      ? this.parent.traceparent
      : (this.headers['traceparent'] ?? this.parent.traceparent);
  }

  get deadline(): number {
    if (this.timeoutMs === Infinity) return Infinity;
    if (this.expiresAt === 0) this.expiresAt = this.time.now() + this.timeoutMs;
    return this.expiresAt;
  }

  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.abortedBy !== undefined) this.controller.abort(this.abortedBy);
    }
    return this.controller.signal;
  }

  remainingMs(): number {
    return Math.max(0, this.deadline - this.time.now());
  }

  /** Starts the clock on `timeoutMs`, or on the enclosing call's deadline where that is earlier. */
  protected startDeadline(timeoutMs: number): void {
    this.timeoutMs = timeoutMs;
    if (this.parent !== root) {
      const { deadline } = this.parent;
      const now = deadline === Infinity ? 0 : this.time.now();
      if (deadline - now < timeoutMs) {
        this.timeoutMs = Math.max(0, deadline - now);
        this.expiresAt = deadline;
      }
    }
    if (this.timeoutMs !== Infinity) this.time.add(this);
  }

  /** Why a call that starts now is not wanted: its caller was told already. */
  protected abortedAlready(): CallTimeoutError | CallCancelledError | undefined {
    return this.parent instanceof LiveCall ? this.parent.abortedBy : undefined;
  }

  protected joinParent(): void {
    if (this.parent instanceof LiveCall) (this.parent.children ??= new Set()).add(this);
  }

  protected leaveParent(): void {
    if (this.parent instanceof LiveCall) this.parent.children?.delete(this);
  }

  /** Calls made inside time out by themselves, since they inherited the deadline; a cancel has to reach them. */
  protected abort(error: CallTimeoutError | CallCancelledError): void {
    this.abortedBy = error;
    this.controller?.abort(error);
    if (this.children === undefined || !isGatewayError(error, 'CALL_CANCELLED')) return;
    for (const child of this.children) child.cancel(error.cause ?? error);
  }
}

function inLowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
