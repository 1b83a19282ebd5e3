import { times } from '../harness/table.js';
import type { Target } from '../harness/targets.js';
import type { ContenderName } from './contenders.js';
import type { Results } from './results.js';
import { SCENARIOS, type ScenarioName } from './scenarios.js';

const BARE: ScenarioName = 'Nothing on it';
const OURS: ContenderName = 'sallyport, a route';
const COMMAND: ContenderName = 'a command';
const NEST: ContenderName = 'Nest, a message pattern';

export const TARGETS: readonly Target<Results>[] = [
  {
    what: 'a bare route ÷ a command',
    is: '≤',
    bar: 1.3,
    format: times,
    measured: ({ nanoseconds }) => nanoseconds.ratio([BARE, OURS], [BARE, COMMAND]),
  },
  ...(Object.keys(SCENARIOS) as ScenarioName[]).map((scenario): Target<Results> => ({
    what: `${lowered(scenario)}: a route ÷ a message pattern`,
    is: '≤',
    bar: 1,
    format: times,
    measured: ({ nanoseconds }) => nanoseconds.ratio([scenario, OURS], [scenario, NEST]),
  })),
];

function lowered(title: string): string {
  return title.charAt(0).toLowerCase() + title.slice(1);
}
