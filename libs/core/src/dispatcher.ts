import type { Outcome } from './call.js';
import type { Execution } from './pools/execution.js';
import type { LiveCallOptions } from './pools/live-call.js';
import type { Timekeeper } from './pools/timekeeper.js';
import type { Aftermath } from './routes/aftermath.js';
import type { Repeats } from './routes/repeats.js';
import type { Route } from './routes/route.js';

/** A message that has found its route. */
export interface IncomingCall extends LiveCallOptions {
  readonly route: Route;
  readonly payload: unknown;
  /** Its wire delivers it again, should it fail. */
  readonly redelivered: boolean;
}

/** Where everything that comes in meets: call → route → pool → target → outcome. */
export class Dispatcher {
  /** `patienceMs`: how long after it was cut short a target that nobody waits for may take to settle. */
  constructor(
    private readonly repeats: Repeats,
    private readonly aftermath: Aftermath,
    private readonly time: Timekeeper,
    private readonly patienceMs: number,
  ) {}

  /** Never rejects. */
  dispatch(call: IncomingCall): Promise<Outcome> {
    return call.route.repeats ? this.repeats.run(call, (attempt) => this.attempt(attempt)) : this.attempt(call);
  }

  private attempt(call: IncomingCall): Promise<Outcome> {
    const execution = call.route.executionOf(call.payload, call);
    const outcome = execution.outcome(this.aftermath.over);
    return call.route.oneWay ? this.settled(outcome, execution, call.route) : outcome;
  }

  /** What nobody waits for does not run twice at once: it is over when its target has really settled. */
  private async settled(outcome: Promise<Outcome>, execution: Execution, { entrypoint }: Route): Promise<Outcome> {
    const told = await outcome;
    const settled = execution.whenSettled();
    if (entrypoint.transport === 'timer') await settled;
    else if (!told.ok) await this.within(settled);
    return told;
  }

  private within(settled: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const callOff = this.time.at(this.time.now() + this.patienceMs, resolve);
      void settled.then(resolve).finally(callOff);
    });
  }
}
