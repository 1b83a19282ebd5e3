import type { Contender, Pace, Prepared } from '../harness/contender.js';
import type { Message } from './message.js';
import type { ScenarioName } from './scenarios.js';

export interface Dispatching {
  readonly dispatch: (message: Message) => Promise<unknown>;
  /** What the handler returned, in what `dispatch` resolves with; absent: that itself. */
  readonly resultIn?: (dispatched: unknown) => unknown;
  readonly close: () => void | Promise<void>;
}

/** Long, since what was composed a moment ago has to be compiled again. */
const PACE: Pace = { batch: 500, settle: { ms: 300 } };
const PROBE = 7;

/** Turns something that can run a handler into a contender of this suite. */
export function contend(open: (scenario: ScenarioName) => Promise<Dispatching | undefined>): Contender {
  return {
    async prepare(scenario): Promise<Prepared | undefined> {
      const opened = await open(scenario as ScenarioName);
      if (opened === undefined) return undefined;
      const { dispatch, resultIn = (dispatched) => dispatched, close } = opened;
      const result = resultIn(await dispatch({ value: PROBE }));
      if (result !== PROBE) throw new Error(`the handler answered ${PROBE}, and ${String(result)} came back`);
      return { call: (value) => dispatch({ value }), close, pace: PACE };
    },
  };
}

/** Where there is nothing that guards and parameters could stand on. */
export function onlyBare(open: () => Promise<Dispatching>): Contender {
  return contend(async (scenario) => (scenario === 'Nothing on it' ? open() : undefined));
}
