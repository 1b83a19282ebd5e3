import { Lane } from '../harness/lane.js';
import { type Effort, measureRounds } from '../harness/rounds.js';
import type { Suite } from '../harness/suite.js';
import { CONTENDERS } from './contenders.js';
import { render } from './report.js';
import { SCENARIOS } from './scenarios.js';
import { StartUp } from './start-up/start-up.js';

interface Size {
  readonly time: Effort;
  readonly bytes: Effort;
  readonly starts: number;
}

const FULL: Size = {
  time: { rounds: 9, budgetMs: 200, warmUpMs: 1_000 },
  bytes: { rounds: 3, budgetMs: 0 },
  starts: 9,
};
const QUICK: Size = { time: { rounds: 1, budgetMs: 50 }, bytes: { rounds: 1, budgetMs: 0 }, starts: 1 };

/** Handlers of calls that came in, beside a direct call and the pipeline of Nest's microservices. */
export const routes: Suite = async ({ quick, progress, signal }) => {
  const { time, bytes, starts } = quick ? QUICK : FULL;
  progress('start-up …');
  const startUp = await StartUp.measure(starts, signal);
  progress('processes …');
  const lanes = await openLanes();
  try {
    progress('time per call …');
    const nanoseconds = await measureRounds(lanes, 'time', time, signal);
    progress('bytes per call …');
    const allocated = await measureRounds(lanes, 'bytes', bytes, signal);
    const effort = `rounds: ${time.rounds} of ${time.budgetMs} ms; starts: ${starts}`;
    return render({ nanoseconds, allocated, startUp, effort });
  } finally {
    for (const lane of lanes) lane.close();
  }
};

function openLanes(): Promise<Lane[]> {
  const contenders = Object.entries(CONTENDERS);
  return Promise.all(
    Object.keys(SCENARIOS).flatMap((scenario) =>
      contenders.map(([name, module]) => Lane.open(scenario, name, new URL(module, import.meta.url))),
    ),
  );
}
