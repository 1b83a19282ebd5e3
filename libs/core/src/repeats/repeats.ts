import type { Outcome } from '../call.js';
import type { IncomingCall } from '../dispatcher.js';
import type { Execution } from '../pools/execution.js';
import { isLocalFailure } from '../errors.js';
import type { Aftermath } from '../routes/aftermath.js';
import { failedAttempt, type AttemptRecord } from './attempt.js';
import { retryDelayMs } from './backoff.js';
import type { InProcessBackoff } from './in-process-backoff.js';
import type { Timekeeper } from '../pools/timekeeper.js';

type Attempt = (call: IncomingCall) => Promise<Outcome>;

/** Routes whose failure may not be the end of it: `backoff`, in this process or by the wire, and `callback`. */
export class Repeats {
  private readonly open = new Set<Promise<Outcome>>();

  constructor(
    private readonly backoff: InProcessBackoff,
    private readonly time: Timekeeper,
    private readonly aftermath: Aftermath,
  ) {}

  /** Never rejects. */
  async run(call: IncomingCall, attempt: Attempt): Promise<Outcome> {
    const work = call.redelivered ? this.once(call, attempt) : this.hereAndNow(call, attempt);
    this.open.add(work);
    const outcome = await work;
    this.open.delete(work);
    if (!outcome.ok) this.aftermath.log(call.route, outcome.error);
    return outcome;
  }

  /** Nothing waits for another attempt from now on. Resolves when what is open is over, its callbacks included. */
  async stop(): Promise<void> {
    this.backoff.stop();
    while (this.open.size > 0) await Promise.all(this.open);
  }

  /** The wire delivers it again, so that here is only the end of it: an attempt after which there is no other. */
  private async once(call: IncomingCall, attempt: Attempt): Promise<Outcome> {
    const outcome = await attempt(call);
    const { callback, options } = call.route;
    if (outcome.ok || callback === undefined || !isLocalFailure(outcome.error)) return outcome;
    const failed = failedAttempt(recordOf(call), outcome.error, new Date());
    if (retryDelayMs(options.backoff, failed, outcome.error) !== undefined) return outcome;
    const execution = callback(call.payload, outcome.error, failed);
    return this.settled(call, outcome, await asOutcome(execution.submit()), execution);
  }

  private async hereAndNow(call: IncomingCall, attempt: Attempt): Promise<Outcome> {
    const { route, payload, arrival, signal } = call;
    const deadline = this.deadlineOf(call);
    const before = arrival!.attempt ?? 1;
    let execution: Execution | undefined;
    const { outcome, callback } = await this.backoff.run({
      payload,
      signal,
      deadline,
      backoff: route.options.backoff,
      run: (record) =>
        attempt({ ...call, arrival: { ...arrival!, deadline, attempt: before + record.count, attemptRecord: record } }),
      callback: route.callback && ((...args) => (execution = route.callback!(...args)).submit()),
    });
    return this.settled(call, outcome, callback, execution);
  }

  /** A callback that saved the message settles it; somebody who waits for a reply is told the truth all the same. */
  private settled(
    { route }: IncomingCall,
    outcome: Outcome,
    callback: Outcome | undefined,
    execution: Execution | undefined,
  ): Outcome {
    if (callback === undefined || execution === undefined) return outcome;
    if (!callback.ok) this.aftermath.ofCallback(route, execution, callback.error);
    return callback.ok && route.oneWay ? callback : outcome;
  }

  /** All attempts of a caller who waits share his time. */
  private deadlineOf({ route, arrival }: IncomingCall): number {
    const brought = arrival!.deadline ?? Infinity;
    const timeoutMs = route.oneWay ? false : (route.operation.timeoutMs ?? route.operation.pool.timeoutMs);
    return timeoutMs === false ? brought : Math.min(brought, this.time.now() + timeoutMs);
  }
}

function recordOf({ arrival }: IncomingCall): AttemptRecord {
  return arrival!.attemptRecord ?? { count: (arrival!.attempt ?? 1) - 1, first: new Date() };
}

async function asOutcome(result: Promise<unknown>): Promise<Outcome> {
  try {
    return { ok: true, value: await result };
  } catch (error) {
    return { ok: false, error: error as Error };
  }
}
