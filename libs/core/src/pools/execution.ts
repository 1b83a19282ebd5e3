import { AsyncResource } from 'node:async_hooks';
import { isObservable } from 'rxjs';
import { callStorage, currentCall, root, type Outcome } from '../call.js';
import { CallCancelledError } from '../errors.js';
import type { TelemetryEvents } from '../telemetry.js';
import { NO_PERMIT } from './breaker.js';
import type { Circuit } from './circuit.js';
import { becauseOf, callFallback } from './fallback.js';
import type { LiveCallOptions, OutcomeListener } from './live-call.js';
import { Occupant } from './occupant.js';
import type { AnyFunction, Operation } from './operation.js';
import { ignore, lastReject, lastResolve, openPromise } from './open-promise.js';
import { bulkheadFull, circuitOpen, shuttingDown, timedOut } from './refusals.js';
import { promiseOf } from './result.js';
import { verdictOn } from './verdict.js';

/** `settled`: the target has, the caller is told next. Code of the user runs in between and may cancel the call. */
type Phase = 'new' | 'queued' | 'running' | 'settled' | 'waiting' | 'falling-back' | Told;
type Told = 'succeeded' | 'failed' | 'cancelled';
type CallEventName = Extract<keyof TelemetryEvents, `call${string}` | 'fallbackUsed'>;
const WHERE: Partial<Record<Phase, string>> = {
  queued: 'while it waited for a slot',
  waiting: 'while it waited to be retried',
  running: 'in its handler',
  settled: 'in its handler',
};

const NONE: readonly unknown[] = [];
const SCOPE = 'sallyport.call';

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
export class Execution extends Occupant {
  private phase: Phase = 'new';
  /** In ms, where somebody wants to know. */
  private submittedAt: number | undefined = undefined;
  private startedAt: number | undefined = undefined;
  /** What came of the last attempt; in the end, what the caller is told. */
  private last: unknown = undefined;
  /** The context of the caller, for what is begun from the queue or after a wait; to keep it for every call costs a fifth. */
  private scope: AsyncResource | undefined = undefined;
  private resolve: (value: unknown) => void = ignore;
  private reject: (error: unknown) => void = ignore;

  constructor(
    operation: Operation,
    private readonly target: AnyFunction,
    private owner: unknown,
    private args: readonly unknown[],
    options?: LiveCallOptions,
  ) {
    super(operation, options?.arrival === undefined ? currentCall() : root, options);
  }

  private get circuit(): Circuit {
    return this.operation.circuit;
  }

  get route(): string {
    return this.options?.arrival?.route ?? `${this.circuit.group}/${this.circuit.key}`;
  }

  /** How far it is, as its caller sees it. */
  get state(): 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' {
    if (this.phase === 'new' || this.phase === 'waiting') return 'queued';
    return this.phase === 'falling-back' || this.phase === 'settled' ? 'running' : this.phase;
  }

  /** A call that is over at once, as a refusal with a plain fallback is, costs no more of a promise than that. */
  submit<T>(): Promise<T> {
    this.begin();
    if (!this.isOpen()) {
      const { last } = this;
      this.last = undefined;
      return this.phase === 'succeeded' ? Promise.resolve(last as T) : Promise.reject(last);
    }
    const promise = openPromise<T>();
    this.resolve = lastResolve as (value: unknown) => void;
    this.reject = lastReject as (error: unknown) => void;
    return promise;
  }

  /** As `submit`, with whatever comes of it told as a value; `told` hears of it just before. */
  outcome(told: OutcomeListener<this>): Promise<Outcome> {
    this.begin();
    if (!this.isOpen()) return Promise.resolve(this.ended(told, this.phase === 'succeeded', this.last));
    // Of these two nothing may stay in a call that is over: a promise knows the call in which it was made, and so on.
    const promise = openPromise<Outcome>();
    const resolve = lastResolve as (outcome: Outcome) => void;
    this.resolve = (value) => resolve(this.ended(told, true, value));
    this.reject = (error) => resolve(this.ended(told, false, error));
    return promise;
  }

  /** With a slot in hand. What waited for it goes on in the context of its caller, not of whoever freed the slot. */
  start(): void {
    if (this.phase === 'new') this.run();
    else this.scope!.runInAsyncScope(this.run, this);
  }

  /** The target, in the context that is current; what it gives is looked at there too, since that may run its code. */
  invoke(): unknown {
    const result: unknown = this.target.apply(this.owner, this.args as never[]);
    return result instanceof Promise ? result : (promiseOf(result, () => this.signal) ?? result);
  }

  expire(): void {
    const error = timedOut(this.operation, this.timeoutMs, WHERE[this.phase] ?? 'before it began', this.last);
    const durationMs = this.phase === 'running' ? this.measure() : 0;
    if (this.phase === 'running') {
      this.circuit.breaker.failed(this.permit, durationMs);
      this.permit = NO_PERMIT;
    }
    this.detach();
    this.circuit.timedOut++;
    this.tell('callTimedOut', error, durationMs);
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
    this.startDeadline(this.operation.timedFromStart ? Infinity : this.limitMs());
    if (!this.joinCaller()) return;
    if (this.timeoutMs === 0) return this.expire();
    if (retry !== undefined) pool.retryBudget.deposit(this.time.coarse());
    this.enter();
  }

  private run(): void {
    const { breaker } = this.circuit;
    const { pool, context } = this.operation;
    this.list();
    this.permit = breaker.permit();
    if (this.permit === NO_PERMIT) {
      pool.bulkhead.release();
      return this.refuse(circuitOpen(this.operation, this.last));
    }
    const first = this.startedAt === undefined;
    this.phase = 'running';
    this.occupy();
    if (this.operation.timedFromStart) this.restartDeadline(this.limitMs());
    this.startedAt = breaker.timesCalls || pool.telemetry.heard ? this.time.now() : this.time.sample();
    if (first) this.tell('callStarted');
    let result: unknown;
    try {
      result = context ? callStorage.run(this, invoke, this) : this.invoke();
    } catch (error) {
      return this.threw(error);
    }
    if (result instanceof Promise) this.follow(result);
    else this.completed(result);
  }

  private limitMs(): number {
    const timeoutMs = this.options?.timeoutMs ?? this.operation.timeoutMs ?? this.operation.pool.timeoutMs;
    return timeoutMs === false ? Infinity : timeoutMs;
  }

  private follow(promise: Promise<unknown>): void {
    promise.then(
      (value) => (isObservable(value) ? this.follow(promiseOf(value, () => this.signal)!) : this.completed(value)),
      (error: unknown) => this.threw(error),
    );
  }

  private enter(): void {
    const { bulkhead } = this.operation.pool;
    if (!this.circuit.breaker.admits()) return this.refuse(circuitOpen(this.operation, this.last));
    if (bulkhead.take()) return this.start();
    if (!bulkhead.hasRoom() && this.options?.admission !== 'wait')
      return this.refuse(bulkheadFull(this.operation, this.last));
    this.unlist();
    this.phase = 'queued';
    this.scope ??= new AsyncResource(SCOPE);
    bulkhead.enqueue(this);
  }

  private completed(value: unknown): void {
    if (this.phase !== 'running') return this.settledLate();
    this.phase = 'settled';
    const durationMs = this.measure();
    this.circuit.breaker.succeeded(this.permit, durationMs);
    this.circuit.succeeded++;
    this.tell('callSucceeded', undefined, durationMs);
    this.succeed(value);
    this.releaseSlot();
  }

  private threw(error: unknown): void {
    if (this.phase !== 'running') return this.settledLate();
    this.phase = 'settled';
    const { breaker } = this.circuit;
    const verdict = verdictOn(error, this.operation.isFailure);
    const durationMs = this.measure();
    if (verdict === 'failed') breaker.failed(this.permit, durationMs);
    else if (verdict === 'answered') breaker.succeeded(this.permit, durationMs);
    else breaker.dropped(this.permit);
    this.last = error;
    this.releaseSlot();
    if (!this.isOpen()) return;
    if (verdict === 'answered') this.rejectAnswer(error, durationMs);
    else if (verdict === 'cancelled') this.rejectCancelled(error);
    else if (verdict === 'refused') this.refuse(error);
    else if (!this.retryLater(error, durationMs)) {
      this.circuit.failed++;
      this.tell('callFailed', error, durationMs);
      this.fail(error);
    }
  }

  private retryLater(error: unknown, durationMs: number): boolean {
    const { retry, pool } = this.operation;
    if (retry === undefined || this.attempt >= retry.attempts) return false;
    if (!retry.accepts(error, this.options?.idempotent)) return false;
    const now = this.time.now();
    const at = now + retry.delayMs(this.attempt);
    if (at >= this.deadline || !pool.retryBudget.withdraw(now)) return false;
    this.attempt++;
    this.circuit.retries++;
    this.phase = 'waiting';
    this.scope ??= new AsyncResource(SCOPE);
    this.list();
    this.tell('callRetried', error, durationMs);
    this.callOff = this.time.at(at, () => this.enter());
    return true;
  }

  private refuse(error: unknown): void {
    if (this.retryLater(error, 0)) return;
    this.circuit.refused++;
    this.tell('callRefused', error);
    this.fail(error);
  }

  private fail(error: unknown): void {
    const { fallback } = this.operation;
    if (!this.isOpen()) return;
    if (fallback === undefined) return this.rejectWith(error);
    this.time.remove(this);
    this.phase = 'falling-back';
    this.circuit.fallbacks++;
    this.tell('fallbackUsed', error);
    let result: unknown;
    try {
      result = callFallback(fallback, this.parent, this.scope, this.owner, error, this.args);
    } catch (thrown) {
      return this.rejectWith(becauseOf(thrown, error));
    }
    const promise = promiseOf(result, () => this.signal);
    if (promise === undefined) return this.succeed(result);
    this.list();
    promise.then(
      (value) => this.succeed(value),
      (thrown: unknown) => this.rejectWith(becauseOf(thrown, error)),
    );
  }

  private rejectAnswer(error: unknown, durationMs: number): void {
    this.circuit.succeeded++;
    this.tell('callSucceeded', error, durationMs);
    this.rejectWith(error);
  }

  private rejectCancelled(error: unknown): void {
    if (this.phase !== 'falling-back') {
      this.circuit.cancelled++;
      this.tell('callCancelled', error);
    }
    this.tellCaller('cancelled', this.reject, error);
  }

  private rejectWith(error: unknown): void {
    this.tellCaller('failed', this.reject, error);
  }

  private succeed(value: unknown): void {
    this.tellCaller('succeeded', this.resolve, value);
  }

  /** Once; and whatever only an open call holds is let go. */
  private tellCaller(phase: Told, tell: (result: unknown) => void, result: unknown): void {
    if (!this.isOpen()) return;
    this.phase = phase;
    this.time.remove(this);
    this.leaveCaller();
    this.owner = undefined;
    this.args = NONE;
    this.unlistWhenDone();
    this.last = tell === ignore ? result : undefined;
    this.resolve = this.reject = ignore;
    tell(result);
  }

  /** Leaves the queue, or the wait for another attempt, or a target that goes on running. */
  private detach(): void {
    if (this.phase === 'queued') this.operation.pool.bulkhead.remove(this);
    else if (this.phase === 'waiting') this.callOff?.();
    else if (this.phase === 'running') this.abandon();
  }

  protected isOpen(): boolean {
    return this.phase !== 'succeeded' && this.phase !== 'failed' && this.phase !== 'cancelled';
  }

  private ended(told: OutcomeListener<this>, ok: boolean, last: unknown): Outcome {
    const outcome: Outcome = ok ? { ok, value: last } : { ok, error: last as Error };
    told(outcome, this, this.options);
    return outcome;
  }

  private measure(): number {
    if (this.startedAt === undefined) return 0;
    const now = this.time.now();
    const durationMs = now - this.startedAt;
    this.circuit.latency.record(durationMs, now);
    return durationMs;
  }

  private tell(event: CallEventName, error?: unknown, durationMs = 0): void {
    const { telemetry } = this.operation.pool;
    if (!telemetry.heard) return;
    const { startedAt, submittedAt } = this;
    const waitedMs = submittedAt === undefined ? 0 : (startedAt ?? this.time.now()) - submittedAt;
    const { group, key } = this.circuit;
    const call = this.operation.context ? this : this.parent;
    telemetry.emit(event, { group, key, call, error: error as Error, durationMs, waitedMs });
  }
}

function invoke(execution: Execution): unknown {
  return execution.invoke();
}
