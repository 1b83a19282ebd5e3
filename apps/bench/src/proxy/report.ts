import { conditions, section } from '../harness/report.js';
import { cell, hundredths, table, times, whole } from '../harness/table.js';
import { targetsTable } from '../harness/targets.js';
import { CONTENDERS, type ContenderName } from './contenders.js';
import type { Results } from './results.js';
import { SCENARIOS, type ScenarioName } from './scenarios.js';
import { TARGETS } from './targets.js';

const HEAD = ['', 'req/s', 'CPU s per 10 000', 'req/s ÷ bare undici', 'CPU ÷ bare undici'];

/** The Markdown between the markers of the README. */
export function render(results: Results): string {
  const scenarios = Object.keys(SCENARIOS) as ScenarioName[];
  const measured = scenarios.filter((scenario) => results.rate.spread(scenario, 'direct'));
  return [
    conditions(results.effort),
    section('Targets', targetsTable(TARGETS, results)),
    ...measured.map((scenario) => section(scenario, perGateway(results, scenario))),
  ].join('\n\n');
}

function perGateway({ rate, cpu }: Results, scenario: ScenarioName): string {
  const rows = (Object.keys(CONTENDERS) as ContenderName[]).map((name) => [
    name,
    cell(rate.spread(scenario, name), whole),
    cell(cpu.spread(scenario, name), hundredths),
    cell(rate.ratio([scenario, name], [scenario, 'bare undici']), times),
    cell(cpu.ratio([scenario, name], [scenario, 'bare undici']), times),
  ]);
  return table(HEAD, rows);
}
