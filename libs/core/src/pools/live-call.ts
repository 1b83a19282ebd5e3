import {
  CallContext,
  nextCallId,
  root,
  type Arrival,
  type CallOptions,
  type Outcome,
  type TransportName,
} from '../call.js';
import type { AttemptRecord } from '../repeats/attempt.js';
import { isGatewayError, type CallCancelledError, type CallTimeoutError } from '../errors.js';
import type { Expiring, Timekeeper } from './timekeeper.js';

/** What came in over a wire has no enclosing call in this process, but may have brought much of the same. */
export interface LiveCallOptions extends CallOptions {
  readonly arrival?: Arrival;
  /** `wait`: the wire bounds what comes in, so that a full queue does not refuse. @default 'refuse' */
  readonly admission?: 'refuse' | 'wait';
}

/** Hears what came of a call, just before whoever waits for it does. */
export type OutcomeListener<C> = (outcome: Outcome, call: C, options?: LiveCallOptions) => void;

type Ended = CallTimeoutError | CallCancelledError;

/** What somebody asked of a call. Most calls are asked for nothing, and carry nothing of it. */
class Asked {
  id: string | undefined;
  headers: Readonly<Record<string, string>> | undefined;
  controller: AbortController | undefined;
  children: Set<LiveCall> | undefined;
  onCallerAbort: (() => void) | undefined;
  onAbort: ((reason: Ended) => void) | undefined;
  onReleased: (() => void) | undefined;
}

/** A call's place among calls: what it inherits, until when it may take, and who is told when nobody wants it any more. */
export abstract class LiveCall extends CallContext implements Expiring {
  attempt = 1;
  timeoutMs = Infinity;
  expiresAt: number | undefined = undefined;
  earlier: Expiring | null = null;
  later: Expiring | null = null;
  /** Why its signal is, or would be, aborted. */
  abortedBy: Ended | undefined = undefined;
  private asked: Asked | undefined = undefined;

  protected constructor(
    protected readonly parent: CallContext,
    protected readonly options: LiveCallOptions | undefined,
  ) {
    super();
    if (options?.arrival?.attempt !== undefined) this.attempt = options.arrival.attempt;
  }

  protected abstract readonly time: Timekeeper;

  abstract expire(): void;
  abstract cancel(reason?: unknown): boolean;

  get transport(): TransportName {
    return this.options?.arrival?.transport ?? 'local';
  }

  get redelivered(): boolean {
    return this.options?.arrival?.redelivered ?? false;
  }

  get attemptRecord(): AttemptRecord | undefined {
    return this.options?.arrival?.attemptRecord;
  }

  get raw(): unknown {
    return this.options?.arrival?.raw;
  }

  get id(): string {
    return (this.ask().id ??= this.options?.arrival?.id ?? nextCallId());
  }

  get correlationId(): string {
    return this.parent === root ? (this.options?.arrival?.correlationId ?? this.id) : this.parent.correlationId;
  }

  get headers(): Readonly<Record<string, string>> {
    const { headers: given, arrival } = this.options ?? {};
    if (given === undefined) return arrival?.headers ?? this.parent.headers;
    return (this.ask().headers ??= Object.freeze({ ...this.parent.headers, ...inLowerCase(given) }));
  }

  get traceparent(): string | undefined {
    if (this.options?.arrival !== undefined) return this.options.arrival.traceparent ?? this.headers['traceparent'];
    return this.options?.headers === undefined
      ? this.parent.traceparent
      : (this.headers['traceparent'] ?? this.parent.traceparent);
  }

  get deadline(): number {
    if (this.timeoutMs === Infinity) return Infinity;
    return (this.expiresAt ??= this.time.now() + this.timeoutMs);
  }

  get signal(): AbortSignal {
    const asked = this.ask();
    if (asked.controller === undefined) {
      asked.controller = new AbortController();
      if (this.abortedBy !== undefined) asked.controller.abort(this.abortedBy);
    }
    return asked.controller.signal;
  }

  remainingMs(): number {
    return Math.max(0, this.deadline - this.time.now());
  }

  /** Tells `run` when nobody wants the call any more; an AbortSignal costs several µs where nobody needs one. */
  whenAborted(run: (reason: Ended) => void): void {
    this.ask().onAbort = run;
    if (this.abortedBy !== undefined) run(this.abortedBy);
  }

  /** What the caller waited for has begun to come: from here on the work itself sees to it that it ends. */
  liftDeadline(): void {
    this.time.remove(this);
    this.timeoutMs = Infinity;
    this.expiresAt = undefined;
  }

  /** Starts the clock on `timeoutMs`, or on the deadline of the enclosing call, or of the wire, where that is earlier. */
  protected startDeadline(timeoutMs: number): void {
    this.timeoutMs = timeoutMs;
    const deadline = this.parent === root ? this.options?.arrival?.deadline : this.parent.deadline;
    if (deadline !== undefined) {
      const now = deadline === Infinity ? 0 : this.time.now();
      if (deadline - now < timeoutMs) {
        this.timeoutMs = Math.max(0, deadline - now);
        this.expiresAt = deadline;
      }
    }
    if (this.timeoutMs !== Infinity) this.time.add(this);
  }

  /** For what nobody waits for: its time runs from here. */
  protected restartDeadline(timeoutMs: number): void {
    this.time.remove(this);
    this.expiresAt = undefined;
    this.startDeadline(timeoutMs);
  }

  /** From now on a cancel of the enclosing call, or of the caller's own signal, reaches this one. False: it has already. */
  protected joinCaller(): boolean {
    const { parent } = this;
    if (parent !== root && parent instanceof LiveCall) {
      const { abortedBy } = parent;
      if (isGatewayError(abortedBy, 'CALL_CANCELLED')) return !this.cancel(abortedBy.cause ?? abortedBy);
      (parent.ask().children ??= new Set()).add(this);
    }
    const signal = this.options?.signal;
    if (signal === undefined) return true;
    if (signal.aborted) return !this.cancel(signal.reason);
    const onAbort = (): void => void this.cancel(signal.reason);
    this.ask().onCallerAbort = onAbort;
    signal.addEventListener('abort', onAbort, { once: true });
    return true;
  }

  protected leaveCaller(): void {
    if (this.parent !== root && this.parent instanceof LiveCall) this.parent.asked?.children?.delete(this);
    const onAbort = this.asked?.onCallerAbort;
    if (onAbort !== undefined) this.options!.signal!.removeEventListener('abort', onAbort);
  }

  /** Calls made inside time out by themselves, since they inherited the deadline; a cancel has to reach them. */
  protected abort(error: Ended): void {
    this.abortedBy = error;
    this.asked?.onAbort?.(error);
    this.asked?.controller?.abort(error);
    if (!isGatewayError(error, 'CALL_CANCELLED')) return;
    for (const child of this.asked?.children ?? []) child.cancel(error.cause ?? error);
  }

  /** Tells `run` once the slot is free: the target has really settled. */
  protected whenReleased(run: () => void): void {
    this.ask().onReleased = run;
  }

  protected released(): void {
    this.asked?.onReleased?.();
  }

  private ask(): Asked {
    return (this.asked ??= new Asked());
  }
}

function inLowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
