import type { Outcome } from '../call.js';
import type { Clock } from '../clock.js';
import { CallCancelledError, isGatewayError, type GatewayErrorCode } from '../errors.js';
import { failedAttempt, firstAttempt, nextAttempt, type AttemptRecord } from './attempt.js';
import { retryDelayMs, type Backoff } from './backoff.js';

/** One message, and all that may be tried with it. */
export interface RepeatableWork {
  readonly payload: unknown;
  readonly backoff: Backoff | undefined;
  /** Absolute on the clock's scale, over all attempts; `Infinity` without one. */
  readonly deadline: number;
  /** Of the caller: once it aborts nobody waits for the work any more. */
  readonly signal?: AbortSignal;
  /** Takes a slot for this attempt, and never rejects. */
  run(attempt: AttemptRecord): Promise<Outcome>;
  callback?(payload: unknown, error: Error, attempt: AttemptRecord): unknown;
}

export interface RepeatedOutcome {
  /** Of the last attempt. */
  readonly outcome: Outcome;
  readonly attempt: AttemptRecord;
  /** Of the callback; undefined where none was called. A failure of it has to be told, since nobody else will. */
  readonly callback: Outcome | undefined;
}

type WaitEnd = 'due' | 'stopped' | 'cancelled';

/** Waiting messages are only here, and each holds its payload. */
const MAX_WAITING = 10_000;

/**
 * `backoff` for wires without delayed redelivery: messages wait in this process, without a slot, and are lost with it.
 *
 *   run ─▶ succeeded ───────────────────────────────▶ outcome
 *    ▲ └─▶ failed ─▶ another attempt? ─ no ─▶ callback ─▶ outcome
 *    └──── wait ◀──────────┘ yes
 *
 * No other attempt is made after `maxRetries`, for an error that the backoff does not accept, where the wait would
 * pass the deadline, while too many messages wait already, and from `stop()` on, which ends every wait: then the
 * callback is called once, and can still save the message. For what its caller cancelled there is neither.
 */
export class InProcessBackoff {
  private readonly waits = new Set<(end: WaitEnd) => void>();
  private stopped = false;

  constructor(
    private readonly clock: Clock,
    private readonly maxWaiting = MAX_WAITING,
  ) {}

  /** How many messages wait for their next attempt. */
  get waiting(): number {
    return this.waits.size;
  }

  /** Never rejects. */
  async run(work: RepeatableWork): Promise<RepeatedOutcome> {
    let attempt = firstAttempt(new Date());
    for (;;) {
      const outcome = await work.run(attempt);
      if (outcome.ok) return { outcome, attempt, callback: undefined };
      const { error } = outcome;
      attempt = failedAttempt(attempt, error, new Date());
      const end = isLocal(error, 'CALL_CANCELLED') ? 'cancelled' : await this.beforeNext(work, attempt, error);
      if (end === 'cancelled') return { outcome: cancelled(error, work.signal), attempt, callback: undefined };
      if (end === 'stopped') return { outcome, attempt, callback: await callBack(work, error, attempt) };
      attempt = nextAttempt(attempt);
    }
  }

  /** Ends every wait, and lets none begin. */
  stop(): void {
    this.stopped = true;
    for (const end of this.waits) end('stopped');
  }

  private async beforeNext(work: RepeatableWork, failed: AttemptRecord, error: Error): Promise<WaitEnd> {
    if (work.signal?.aborted) return 'cancelled';
    if (this.stopped || isLocal(error, 'SHUTTING_DOWN') || this.waits.size >= this.maxWaiting) return 'stopped';
    const delayMs = retryDelayMs(work.backoff, failed, error);
    if (delayMs === undefined) return 'stopped';
    const at = this.clock.now() + delayMs;
    return at >= work.deadline ? 'stopped' : this.wait(at, work.signal);
  }

  private wait(at: number, signal: AbortSignal | undefined): Promise<WaitEnd> {
    return new Promise((resolve) => {
      const end = (how: WaitEnd): void => {
        callOff();
        signal?.removeEventListener('abort', onAbort);
        this.waits.delete(end);
        resolve(how);
      };
      const onAbort = (): void => end('cancelled');
      const callOff = this.clock.at(at, () => end('due'));
      signal?.addEventListener('abort', onAbort, { once: true });
      this.waits.add(end);
    });
  }
}

/** Said by this process of this call, and not by whomever the handler asked. */
function isLocal(error: unknown, code: GatewayErrorCode): boolean {
  return isGatewayError(error, code) && error.origin !== 'remote';
}

/** The signal's reason is one of ours where it is a call's own. */
function cancelled(error: Error, signal: AbortSignal | undefined): Outcome {
  if (isLocal(error, 'CALL_CANCELLED')) return { ok: false, error };
  const reason: unknown = signal?.reason;
  if (isGatewayError(reason)) return { ok: false, error: reason };
  const message = 'the call was cancelled while it waited to be tried again';
  return { ok: false, error: new CallCancelledError(message, { cause: reason }) };
}

async function callBack(work: RepeatableWork, error: Error, attempt: AttemptRecord): Promise<Outcome | undefined> {
  if (work.callback === undefined) return undefined;
  try {
    return { ok: true, value: await work.callback(work.payload, error, attempt) };
  } catch (thrown) {
    return { ok: false, error: thrown as Error };
  }
}
