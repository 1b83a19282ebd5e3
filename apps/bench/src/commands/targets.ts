import { decimal, times, whole } from '../harness/table.js';
import type { Target } from '../harness/targets.js';
import type { ContenderName } from './contenders.js';
import type { Results } from './results.js';
import type { ScenarioName } from './scenarios.js';

type Measured = Target<Results>['measured'];

const FULL: ContenderName = 'sallyport';
const LEAN: ContenderName = 'sallyport, context: false';
const OPOSSUM: ContenderName = 'opossum, capacity and timeout';
/** Flat, but for the noise of two short measurements. */
const FLAT = 1.2;

const ns = (value: number) => `${whole(value)} ns`;
const bytes = (value: number) => `${whole(value)} B`;
const ms = (value: number) => `${whole(value)} ms`;
const mb = (value: number) => `${decimal(value)} MB`;

export const TARGETS: readonly Target<Results>[] = [
  { what: 'full command', is: '≤', bar: 1_000, format: ns, measured: time(FULL) },
  { what: 'full command, times faster than opossum', is: '≥', bar: 2, format: times, measured: faster(FULL) },
  { what: '`context: false`', is: '≤', bar: 450, format: ns, measured: time(LEAN) },
  { what: '`context: false`', is: '≤', bar: 1_200, format: bytes, measured: allocated(LEAN) },
  { what: '`context: false`, times faster than opossum', is: '≥', bar: 4, format: times, measured: faster(LEAN) },
  { what: 'refusal ÷ success', is: '≤', bar: 1, format: times, measured: within(FULL, 'circuit-open', 'success') },
  {
    what: 'refusal ÷ success, `context: false`',
    is: '≤',
    bar: 1,
    format: times,
    measured: within(LEAN, 'circuit-open', 'success'),
  },
  {
    what: 'failure after 100 000 successes ÷ after none',
    is: '≤',
    bar: FLAT,
    format: times,
    measured: within(FULL, 'failure-full-window', 'failure'),
  },
  { what: 'added to start-up', is: '≤', bar: 120, format: ms, measured: ({ startUp }) => startUp.added.ms },
  { what: 'added to start-up', is: '≤', bar: 12, format: mb, measured: ({ startUp }) => startUp.added.rssMb },
];

function time(contender: ContenderName): Measured {
  return ({ nanoseconds }) => nanoseconds.spread('success', contender);
}

function allocated(contender: ContenderName): Measured {
  return (results) => results.allocated.spread('success', contender);
}

function faster(contender: ContenderName): Measured {
  return ({ nanoseconds }) => nanoseconds.ratio(['success', OPOSSUM], ['success', contender]);
}

function within(contender: ContenderName, one: ScenarioName, other: ScenarioName): Measured {
  return ({ nanoseconds }) => nanoseconds.ratio([one, contender], [other, contender]);
}
