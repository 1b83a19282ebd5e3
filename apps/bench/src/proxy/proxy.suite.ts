import { requirePrograms } from '../harness/programs.js';
import { type Effort, turns } from '../harness/rounds.js';
import { Samples } from '../harness/samples.js';
import { ServerProcess } from '../harness/server-process.js';
import type { Suite } from '../harness/suite.js';
import { CONTENDERS, type ContenderName } from './contenders.js';
import { type Lane, load, probe } from './lanes.js';
import { render } from './report.js';
import type { Measurements } from './results.js';
import { SCENARIOS, type ScenarioName } from './scenarios.js';

interface Size {
  readonly scenarios: readonly ScenarioName[];
  readonly effort: Effort;
}

/** Enough to warm every gateway up, and to see that it runs. */
const BUSY: readonly ScenarioName[] = ['GET of 200 B, 64 connections', 'POST of 10 KB, 64 connections'];
const FULL: Size = {
  scenarios: Object.keys(SCENARIOS) as ScenarioName[],
  effort: { rounds: 4, budgetMs: 1_000 },
};
/** So long that the compiler is done with most of what runs, which takes longer the more code there is. */
const WARM_UP: Effort = { rounds: 1, budgetMs: 3_000 };
const QUICK: Size = { scenarios: BUSY, effort: { rounds: 1, budgetMs: 1_000 } };

/** HTTP gateways before the same upstream, loaded by wrk: requests per second, and the gateway's own CPU time. */
export const proxy: Suite = async ({ quick, progress, signal }) => {
  await requirePrograms(['wrk', 'nginx']);
  const { scenarios, effort } = quick ? QUICK : FULL;
  const servers = new Map<ContenderName, ServerProcess>();
  try {
    progress('processes …');
    await start(servers, signal);
    const lanes = lanesOf(scenarios, servers);
    for (const lane of lanes) await probe(lane, signal);
    if (!quick) {
      progress('warming up …');
      const busy = lanes.filter(({ scenario }) => BUSY.includes(scenario));
      await measure(busy, WARM_UP, signal);
    }
    progress('measuring …');
    const measured = await measure(lanes, effort, signal);
    return render({ ...measured, effort: `rounds: ${effort.rounds} of ${effort.budgetMs / 1_000} s` });
  } finally {
    await Promise.all([...servers.values()].map((server) => server.stop()));
  }
};

/** One after the other, each noted as soon as it runs: whatever fails, those before it are stopped. */
async function start(servers: Map<ContenderName, ServerProcess>, signal: AbortSignal): Promise<void> {
  for (const [name, module] of Object.entries(CONTENDERS) as [ContenderName, string][]) {
    signal.throwIfAborted();
    const upstream = servers.get('direct')?.origin;
    servers.set(name, await ServerProcess.start(name, new URL(module, import.meta.url), upstream));
  }
}

function lanesOf(scenarios: readonly ScenarioName[], servers: ReadonlyMap<ContenderName, ServerProcess>): Lane[] {
  return scenarios.flatMap((scenario) => [...servers].map(([contender, server]) => ({ scenario, contender, server })));
}

async function measure(lanes: readonly Lane[], effort: Effort, signal: AbortSignal): Promise<Measurements> {
  const [rate, cpu] = [new Samples(), new Samples()];
  for (const { lane, budgetMs } of turns(lanes, effort, signal)) {
    const found = await load(lane, budgetMs, signal);
    rate.add(lane.scenario, lane.contender, found.rate);
    cpu.add(lane.scenario, lane.contender, found.cpu);
  }
  return { rate, cpu };
}
