import type { Contender, Pace, Prepared } from '../harness/contender.js';
import { type Guarded, PROTECTION, type Protect } from './protection.js';
import { FALLBACK, target } from './target.js';

export type ScenarioName = 'success' | 'failure' | 'failure-full-window' | 'circuit-open' | 'bulkhead-full';

type Scenario = (protect: Protect) => Promise<Prepared | undefined>;

/** Short, so that it is full when the clock starts and a round sees it slide. */
const SHORT_WINDOW_MS = 100;

const FULL_SPEED: Pace = { batch: 500, settle: { ms: 1.5 * SHORT_WINDOW_MS } };
const STEADY: Pace = { batch: 500, settle: { ms: 20 } };
const FRESH_WINDOW: Pace = { batch: 50, settle: { calls: 50 }, fresh: { calls: 100, times: 20 } };
const FULL_WINDOW: Pace = { batch: 5, settle: { calls: 5 }, fresh: { calls: 10, times: 1 } };

const SAMPLES_IN_WINDOW = 100_000;

const scenarios: Record<ScenarioName, Scenario> = {
  async success(protect) {
    target.answers();
    const guarded = await protect({ ...PROTECTION, windowMs: SHORT_WINDOW_MS });
    return prepared(guarded, FULL_SPEED);
  },

  async failure(protect) {
    target.throws();
    const guarded = await protect(PROTECTION);
    return withFallback(guarded, guarded.sortsItsWindow ? FRESH_WINDOW : STEADY);
  },

  async 'failure-full-window'(protect) {
    target.answers();
    const guarded = await protect(PROTECTION);
    const sample = guarded.sample ?? guarded.call;
    for (let value = 0; value < SAMPLES_IN_WINDOW; value += 1) await sample(value);
    target.throws();
    return withFallback(guarded, guarded.sortsItsWindow ? FULL_WINDOW : STEADY);
  },

  async 'circuit-open'(protect) {
    target.answers();
    const guarded = await protect({ ...PROTECTION, minimumCalls: 1 });
    if (!guarded.openCircuit) return absent(guarded);
    // As in a running service: a first call may switch on what slows down the later ones (AsyncLocalStorage does).
    await guarded.call(0);
    await guarded.openCircuit();
    return refused(guarded, STEADY);
  },

  async 'bulkhead-full'(protect) {
    const guarded = await protect({ ...PROTECTION, slots: 1 });
    if (!guarded.bulkhead) return absent(guarded);
    target.holds();
    const held = Array.from({ length: 1 + guarded.bulkhead.waiting }, () => guarded.call(0));
    const { call, pace } = await refused(guarded, guarded.sortsItsWindow ? FRESH_WINDOW : STEADY);
    const close = async () => {
      target.letGo();
      await Promise.all(held);
      await guarded.close();
    };
    return { call, pace, close };
  },
};

/** Turns a peer into a contender of this suite. */
export function contend(protect: Protect): Contender {
  return { prepare: (scenario) => scenarios[scenario as ScenarioName](protect) };
}

async function refused(guarded: Guarded, pace: Pace): Promise<Prepared> {
  const runsBefore = target.runs;
  const subject = await withFallback(guarded, pace);
  if (target.runs !== runsBefore) throw new Error('the target ran although the call should have been refused');
  return subject;
}

/** Where a contender has no fallback of its own for this case, the caller's catch answers in its place. */
async function withFallback(guarded: Guarded, pace: Pace): Promise<Prepared> {
  const rejected = Symbol('rejected');
  const answer = await guarded.call(1).catch(() => rejected);
  if (answer === FALLBACK) return prepared(guarded, pace);
  if (answer !== rejected) throw new Error('a call that should have failed was answered by something else');
  const call = async (value: number) => {
    try {
      return await guarded.call(value);
    } catch {
      return FALLBACK;
    }
  };
  return { call, pace, close: guarded.close };
}

function prepared(guarded: Guarded, pace: Pace): Prepared {
  return { call: guarded.call, pace, close: guarded.close };
}

async function absent(guarded: Guarded): Promise<undefined> {
  await guarded.close();
}
