import { conditions, section } from '../harness/report.js';
import { cell, decimal, table, times, whole } from '../harness/table.js';
import { targetsTable } from '../harness/targets.js';
import { CONTENDERS, type ContenderName } from './contenders.js';
import type { Results } from './results.js';
import type { ScenarioName } from './scenarios.js';
import { TARGETS } from './targets.js';

const TITLES: Record<ScenarioName, string> = {
  success: 'Success',
  failure: 'Failure, answered by a fallback',
  'failure-full-window': 'Failure with 100 000 samples in the window',
  'circuit-open': 'Refused by an open circuit, answered by a fallback',
  'bulkhead-full': 'Refused by a full bulkhead, answered by a fallback',
};

/** The Markdown between the markers of the README. */
export function render(results: Results): string {
  const titles = Object.entries(TITLES) as [ScenarioName, string][];
  const measured = titles.filter(([scenario]) => results.nanoseconds.spread(scenario, 'sallyport'));
  return [
    conditions(results.effort),
    section('Targets', targetsTable(TARGETS, results)),
    ...measured.map(([scenario, title]) => section(title, perCall(results, scenario))),
    section('Start-up', startUp(results)),
  ].join('\n\n');
}

function perCall({ nanoseconds, allocated }: Results, scenario: ScenarioName): string {
  const names = (Object.keys(CONTENDERS) as ContenderName[]).filter((name) => nanoseconds.spread(scenario, name));
  const beside = (name: ContenderName, ours: ContenderName) =>
    cell(nanoseconds.ratio([scenario, name], [scenario, ours]), times);
  const rows = names.map((name) => [
    name,
    cell(nanoseconds.spread(scenario, name), whole),
    cell(allocated.spread(scenario, name), whole),
    beside(name, 'sallyport'),
    beside(name, 'sallyport, context: false'),
  ]);
  return table(['', 'ns per call', 'bytes per call', 'time ÷ sallyport', 'time ÷ context: false'], rows);
}

function startUp({ startUp: { bareNest, withGateway, added } }: Results): string {
  const rows = Object.entries({
    'bare Nest application context': bareNest,
    'with GatewayModule.forRoot()': withGateway,
    added,
  });
  return table(
    ['', 'ms to ready', 'RSS, MB', 'heap after a collection, MB'],
    rows.map(([name, { ms, rssMb, heapMb }]) => [name, cell(ms, whole), cell(rssMb, decimal), cell(heapMb, decimal)]),
  );
}
