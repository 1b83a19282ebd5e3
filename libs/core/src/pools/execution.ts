import { callStorage, currentCall, type CallOptions } from '../call.js';
import { CallCancelledError, CallRejectedError, isGatewayError } from '../errors.js';
import type { TelemetryEvents } from '../telemetry.js';
import { NO_PERMIT } from './breaker.js';
import type { Linked } from './chain.js';
import { LiveCall } from './live-call.js';
import type { AnyFunction, Operation } from './operation.js';
import { bulkheadFull, circuitOpen, shuttingDown, timedOut } from './refusals.js';
import { promiseOf } from './result.js';
import { NOT_TIMED } from './timekeeper.js';
import { verdictOn } from './verdict.js';

type Phase = 'new' | 'queued' | 'running' | 'waiting' | 'falling-back' | 'succeeded' | 'failed' | 'cancelled';
type CallEventName = Extract<keyof TelemetryEvents, `call${string}` | 'fallbackUsed'>;
type Settle = (value: never) => void;

const WHERE: Partial<Record<Phase, string>> = {
  queued: 'while it waited for a slot',
  waiting: 'while it waited to be retried',
  running: 'in its handler',
};

const NONE: readonly unknown[] = [];

let captured: { resolve: Settle; reject: Settle };
const capture = (resolve: Settle, reject: Settle): void => void (captured = { resolve, reject });

/**
 * One call on its way through its pool. Outside in: fallback, deadline, retry, open circuit refuses, bulkhead,
 * half-open permit, target. So `timeoutMs` bounds queueing and retries too, a retry waits without a slot and asks
 * the circuit again, and what the circuit or the bulkhead refuses never counts as a failure of the target.
 *
 *   submit ─▶ enter ─▶ start ─▶ target ─▶ completed ──────────────────────────────▶ caller
 *               │  ▲      │       │
 *               │  └──────│───────┴─▶ threw ─▶ retry later, or fail ─▶ fallback ───▶ caller
 *               └─ refuse ┘             expire, cancel: from any phase ────────────▶ caller
 *
 * The caller is told once, whichever comes first; the slot stays taken until the target has really settled.
 */
export class Execution extends LiveCall implements Linked<Execution> {
  previous: Execution | null = null;
  next: Execution | null = null;
  private phase: Phase = 'new';
  private holdsSlot = false;
  private listed = false;
  private permit = NO_PERMIT;
  private submittedAt = NOT_TIMED;
  private startedAt = NOT_TIMED;
  private durationMs = 0;
  private failure: unknown = undefined;
  /** Calls off the wait for the next attempt, or for the slot of a hung target. */
  private callOff: (() => void) | undefined = undefined;
  private unheed: (() => void) | undefined = undefined;
  private resolve: (value: unknown) => void = ignore;
  private reject: (error: unknown) => void = ignore;

  constructor(
    private readonly operation: Operation,
    private readonly target: AnyFunction,
    private owner: unknown,
    private args: readonly unknown[],
    options?: CallOptions,
  ) {
    super(currentCall(), options, operation.circuit, operation.pool.time);
  }

  /** How far it is, as its caller sees it. */
  get state(): 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' {
    if (this.phase === 'new' || this.phase === 'waiting') return 'queued';
    return this.phase === 'falling-back' ? 'running' : this.phase;
  }

  submit<P extends Promise<unknown>>(Kind: new (executor: (resolve: Settle, reject: Settle) => void) => P): P {
    const promise = new Kind(capture);
    this.resolve = captured.resolve as (value: unknown) => void;
    this.reject = captured.reject as (error: unknown) => void;
    this.begin();
    return promise;
  }

  /** With a slot in hand. */
  start(): void {
    const { circuit } = this;
    const { pool, context } = this.operation;
    this.list();
    this.permit = circuit.breaker.permit();
    if (this.permit === NO_PERMIT) {
      pool.bulkhead.release();
      return this.refuse(circuitOpen(this.operation, this.failure));
    }
    this.phase = 'running';
    this.holdsSlot = true;
    this.startedAt = circuit.breaker.timesCalls || pool.telemetry.heard ? this.time.now() : this.time.sample();
    if (this.attempt === 1) this.tell('callStarted');
    let result: unknown;
    try {
      result = context ? callStorage.run(this, invoke, this) : this.run();
    } catch (error) {
      return this.threw(error);
    }
    const promise = result instanceof Promise ? result : promiseOf(result, () => this.signal);
    if (promise === undefined) this.completed(result);
    else
      promise.then(
        (value) => this.completed(value),
        (error: unknown) => this.threw(error),
      );
  }

  /** The target, in whatever context this is called. */
  run(): unknown {
    return this.target.apply(this.owner, this.args as never[]);
  }

  expire(): void {
    const error = timedOut(this.operation, this.timeoutMs, WHERE[this.phase] ?? 'before it began', this.failure);
    if (this.phase === 'running') {
      this.circuit.breaker.failed(this.permit, this.measure());
      this.permit = NO_PERMIT;
    }
    this.detach();
    this.circuit.timedOut++;
    this.tell('callTimedOut', error);
    this.fail(error);
    this.abort(error);
  }

  /** True: it was still open. Its caller gets a `CallCancelledError` with `reason` as the cause, and no fallback. */
  cancel(reason?: unknown): boolean {
    if (!this.isOpen()) return false;
    const error = new CallCancelledError(`"${this.circuit.key}" was cancelled`, { cause: reason });
    this.detach();
    this.rejectCancelled(error);
    this.abort(error);
    return true;
  }

  /** The process is going away and the call has not begun: somebody else may be asked at once. */
  handBack(): void {
    this.detach();
    this.refuse(shuttingDown(this.operation));
  }

  private begin(): void {
    const { pool, retry } = this.operation;
    if (pool.telemetry.heard) this.submittedAt = this.time.now();
    if (pool.closed) return this.refuse(shuttingDown(this.operation));
    if (this.options?.signal !== undefined && !this.heed(this.options.signal)) return;
    this.joinParent();
    const timeoutMs = this.options?.timeoutMs ?? this.operation.timeoutMs ?? pool.timeoutMs;
    this.startDeadline(timeoutMs === false ? Infinity : timeoutMs);
    const unwanted = this.abortedAlready();
    if (isGatewayError(unwanted, 'CALL_CANCELLED')) return void this.cancel(unwanted.cause);
    if (this.timeoutMs === 0) return this.expire();
    if (retry !== undefined) pool.retryBudget.deposit(this.time.coarse());
    this.enter();
  }

  private enter(): void {
    const { bulkhead } = this.operation.pool;
    if (!this.circuit.breaker.admits()) return this.refuse(circuitOpen(this.operation, this.failure));
    if (bulkhead.take()) return this.start();
    if (!bulkhead.hasRoom()) return this.refuse(bulkheadFull(this.operation, this.failure));
    this.unlist();
    this.phase = 'queued';
    bulkhead.enqueue(this);
  }

  private completed(value: unknown): void {
    if (this.phase !== 'running') return this.settledLate();
    this.circuit.breaker.succeeded(this.permit, this.measure());
    this.circuit.succeeded++;
    this.tell('callSucceeded');
    this.succeed(value);
    this.releaseSlot();
  }

  private threw(error: unknown): void {
    if (this.phase !== 'running') return this.settledLate();
    const { breaker } = this.circuit;
    const verdict = verdictOn(error, this.operation.isFailure);
    const durationMs = this.measure();
    if (verdict === 'failed') breaker.failed(this.permit, durationMs);
    else if (verdict === 'answered') breaker.succeeded(this.permit, durationMs);
    else breaker.dropped(this.permit);
    this.releaseSlot();
    this.failure = error;
    if (verdict === 'answered') this.rejectAnswer(error);
    else if (verdict === 'cancelled') this.rejectCancelled(error);
    else if (verdict === 'refused') this.refuse(error);
    else if (!this.retryLater(error)) {
      this.circuit.failed++;
      this.tell('callFailed', error);
      this.fail(error);
    }
  }

  private retryLater(error: unknown): boolean {
    const { retry, pool } = this.operation;
    if (retry === undefined || this.attempt >= retry.attempts || !retry.accepts(error)) return false;
    if (this.options?.idempotent === false && !(error instanceof CallRejectedError)) return false;
    const now = this.time.now();
    const at = now + retry.delayMs(this.attempt);
    if (at >= this.deadline || !pool.retryBudget.withdraw(now)) return false;
    this.attempt++;
    this.circuit.retries++;
    this.phase = 'waiting';
    this.tell('callRetried', error);
    this.callOff = this.time.at(at, () => this.enter());
    return true;
  }

  private refuse(error: unknown): void {
    this.circuit.refused++;
    this.tell('callRefused', error);
    this.fail(error);
  }

  private fail(error: unknown): void {
    const { fallback, context } = this.operation;
    if (fallback === undefined) return this.rejectWith(error);
    this.time.remove(this);
    this.phase = 'falling-back';
    this.circuit.fallbacks++;
    this.tell('fallbackUsed', error);
    let result: unknown;
    try {
      result = context
        ? callStorage.run(this, fallback, this.owner, error, this.args)
        : fallback(this.owner, error, this.args);
    } catch (thrown) {
      return this.fallbackThrew(thrown, error);
    }
    const promise = promiseOf(result, () => this.signal);
    if (promise === undefined) return this.succeed(result);
    this.list();
    promise.then(
      (value) => this.isOpen() && this.succeed(value),
      (thrown: unknown) => this.fallbackThrew(thrown, error),
    );
  }

  private fallbackThrew(thrown: unknown, error: unknown): void {
    if (!this.isOpen()) return;
    if (thrown instanceof Error && thrown !== error && thrown.cause === undefined) thrown.cause = error;
    this.rejectWith(thrown);
  }

  private rejectAnswer(error: unknown): void {
    this.circuit.succeeded++;
    this.tell('callSucceeded', error);
    this.rejectWith(error);
  }

  private rejectCancelled(error: unknown): void {
    if (this.phase !== 'falling-back') {
      this.circuit.cancelled++;
      this.tell('callCancelled', error);
    }
    this.finish('cancelled');
    this.reject(error);
  }

  private rejectWith(error: unknown): void {
    this.finish('failed');
    this.reject(error);
  }

  private succeed(value: unknown): void {
    this.finish('succeeded');
    this.resolve(value);
  }

  /** The caller is told next: whatever only an open call holds is let go. */
  private finish(phase: 'succeeded' | 'failed' | 'cancelled'): void {
    this.phase = phase;
    this.time.remove(this);
    this.leaveParent();
    this.unheed?.();
    this.owner = undefined;
    this.args = NONE;
    if (!this.holdsSlot) this.unlist();
  }

  /** Leaves the queue, or the wait for another attempt. A running target keeps its slot for now. */
  private detach(): void {
    const { pool } = this.operation;
    if (this.phase === 'queued') pool.bulkhead.remove(this);
    else if (this.phase === 'waiting') this.callOff?.();
    else if (this.phase === 'running') {
      pool.abandoned++;
      if (pool.abandonAfterMs === undefined) return;
      this.callOff = this.time.at(this.time.now() + pool.abandonAfterMs, () => this.giveSlotBack());
    }
  }

  /** The target settled after its caller had been told. */
  private settledLate(): void {
    const { pool } = this.operation;
    if (!this.holdsSlot) return void pool.hung--;
    this.callOff?.();
    pool.abandoned--;
    this.circuit.breaker.dropped(this.permit);
    this.releaseSlot();
  }

  private giveSlotBack(): void {
    const { pool } = this.operation;
    pool.abandoned--;
    pool.hung++;
    this.circuit.breaker.dropped(this.permit);
    this.releaseSlot();
  }

  private releaseSlot(): void {
    this.holdsSlot = false;
    if (!this.isOpen()) this.unlist();
    this.operation.pool.bulkhead.release();
  }

  private isOpen(): boolean {
    return this.phase !== 'succeeded' && this.phase !== 'failed' && this.phase !== 'cancelled';
  }

  private list(): void {
    if (this.listed) return;
    this.listed = true;
    this.operation.pool.active.push(this);
  }

  private unlist(): void {
    if (!this.listed) return;
    this.listed = false;
    this.operation.pool.left(this);
  }

  private heed(signal: AbortSignal): boolean {
    if (signal.aborted) return !this.cancel(signal.reason);
    const onAbort = (): void => void this.cancel(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    this.unheed = () => signal.removeEventListener('abort', onAbort);
    return true;
  }

  private measure(): number {
    if (this.startedAt === NOT_TIMED) return 0;
    const now = this.time.now();
    this.durationMs = now - this.startedAt;
    this.circuit.latency.record(this.durationMs, now);
    return this.durationMs;
  }

  private tell(event: CallEventName, error?: unknown): void {
    const { telemetry } = this.operation.pool;
    if (!telemetry.heard) return;
    const { group, key } = this.circuit;
    const waited =
      this.startedAt === NOT_TIMED || this.submittedAt === NOT_TIMED ? 0 : this.startedAt - this.submittedAt;
    const call = this.operation.context ? this : this.parent;
    telemetry.emit(event, { group, key, call, error: error as Error, durationMs: this.durationMs, waitedMs: waited });
  }
}

function invoke(execution: Execution): unknown {
  return execution.run();
}

function ignore(): void {}
