import type { Outcome } from './call.js';
import type { Execution } from './pools/execution.js';
import type { LiveCallOptions } from './pools/live-call.js';
import type { Aftermath } from './routes/aftermath.js';
import type { Patience } from './repeats/patience.js';
import type { Repeats } from './repeats/repeats.js';
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
  constructor(
    private readonly repeats: Repeats,
    private readonly patience: Patience,
    private readonly aftermath: Aftermath,
  ) {}

  /** Never rejects. */
  dispatch(call: IncomingCall): Promise<Outcome> {
    return call.route.repeats ? this.repeats.run(call, (attempt) => this.attempt(attempt)) : this.attempt(call);
  }

  /** Nothing waits to be tried again from now on. Resolves when what did is over. */
  drain(): Promise<void> {
    return this.repeats.stop();
  }

  /** Nothing is waited for any more. */
  close(): void {
    this.patience.end();
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
    else if (!told.ok) await this.patience.wait(settled);
    return told;
  }
}
