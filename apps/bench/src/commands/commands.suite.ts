import { Lane } from '../harness/lane.js';
import { type Effort, measureRounds } from '../harness/rounds.js';
import type { Suite } from '../harness/suite.js';
import { CONTENDERS } from './contenders.js';
import { render } from './report.js';
import type { ScenarioName } from './scenarios.js';
import { measureStartUp } from './start-up/start-up.js';

const FULL_WINDOW: ScenarioName = 'failure-full-window';
const SCENARIOS: ScenarioName[] = ['success', 'failure', FULL_WINDOW, 'circuit-open', 'bulkhead-full'];

interface Size {
  readonly scenarios: readonly ScenarioName[];
  readonly time: Effort;
  readonly bytes: Effort;
  readonly starts: number;
}

const FULL: Size = {
  scenarios: SCENARIOS,
  time: { rounds: 9, budgetMs: 100, warmUpMs: 300 },
  bytes: { rounds: 3, budgetMs: 0 },
  starts: 11,
};

const QUICK: Size = {
  scenarios: SCENARIOS.filter((scenario) => scenario !== 'bulkhead-full'),
  time: { rounds: 1, budgetMs: 20 },
  bytes: { rounds: 1, budgetMs: 0 },
  starts: 1,
};

/** Protected calls inside one process, beside those of opossum, cockatiel and Moleculer. */
export const commands: Suite = async ({ quick, progress, signal }) => {
  const { scenarios, time, bytes, starts } = quick ? QUICK : FULL;
  progress('start-up …');
  const startUp = await measureStartUp(starts, signal);
  progress('processes …');
  const lanes = await openLanes(scenarios);
  try {
    progress('time per call …');
    const nanoseconds = await measureRounds(lanes, 'time', time, signal);
    progress('bytes per call …');
    const allocated = await measureRounds(lanes.filter(weighable), 'bytes', bytes, signal);
    const effort = `rounds: ${time.rounds} of ${time.budgetMs} ms; starts: ${starts}`;
    return render({ nanoseconds, allocated, startUp, effort });
  } finally {
    for (const lane of lanes) lane.close();
  }
};

function openLanes(scenarios: readonly ScenarioName[]): Promise<Lane[]> {
  const contenders = Object.entries(CONTENDERS);
  return Promise.all(
    scenarios.flatMap((scenario) =>
      contenders.map(([name, module]) => Lane.open(scenario, name, new URL(module, import.meta.url))),
    ),
  );
}

/** A failure of opossum on a full window allocates more than fits between two collections. */
function weighable({ scenario }: Lane): boolean {
  return scenario !== FULL_WINDOW;
}
