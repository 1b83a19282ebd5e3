import { conditions, section } from '../harness/report.js';
import { cell, decimal, table, times, whole } from '../harness/table.js';
import { targetsTable } from '../harness/targets.js';
import { CONTENDERS, type ContenderName } from './contenders.js';
import type { Results } from './results.js';
import { SCENARIOS, type ScenarioName } from './scenarios.js';
import { BASELINE } from './start-up/start-up.js';
import { TARGETS } from './targets.js';

const HEAD = ['', 'ns per call', 'bytes per call', 'time ÷ sallyport'];

/** The Markdown between the markers of the README. */
export function render(results: Results): string {
  const scenarios = Object.keys(SCENARIOS) as ScenarioName[];
  return [
    conditions(results.effort),
    section('Targets', targetsTable(TARGETS, results)),
    ...scenarios.map((scenario) => section(scenario, perCall(results, scenario))),
    section('Start-up with a thousand handlers', startUp(results)),
  ].join('\n\n');
}

function perCall({ nanoseconds, allocated }: Results, scenario: ScenarioName): string {
  const names = (Object.keys(CONTENDERS) as ContenderName[]).filter((name) => nanoseconds.spread(scenario, name));
  const rows = names.map((name) => [
    name,
    cell(nanoseconds.spread(scenario, name), whole),
    cell(allocated.spread(scenario, name), whole),
    cell(nanoseconds.ratio([scenario, name], [scenario, 'sallyport, a route']), times),
  ]);
  return table(HEAD, rows);
}

function startUp({ startUp: starts }: Results): string {
  const rows = starts.programs.map((program) => [
    program,
    cell(starts.of(program, 'ms'), whole),
    cell(program === BASELINE ? undefined : starts.added(program, 'ms'), whole),
    cell(starts.of(program, 'rssMb'), decimal),
    cell(starts.of(program, 'heapMb'), decimal),
  ]);
  return table(['', 'ms to ready', 'ms added', 'RSS, MB', 'heap after a collection, MB'], rows);
}
