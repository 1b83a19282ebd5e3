import { cpuSeconds } from '../harness/cpu-time.js';
import type { ServerProcess } from '../harness/server-process.js';
import { wrk } from '../harness/wrk.js';
import type { ContenderName } from './contenders.js';
import { type Scenario, SCENARIOS, type ScenarioName } from './scenarios.js';

/** One gateway in one scenario. */
export interface Lane {
  readonly scenario: ScenarioName;
  readonly contender: ContenderName;
  readonly server: ServerProcess;
}

export interface Finding {
  /** Requests per second. */
  readonly rate: number;
  /** Seconds of CPU for 10 000 requests. */
  readonly cpu: number;
}

/** Rejects unless every reply was good. */
export async function load({ scenario, contender, server }: Lane, ms: number, signal: AbortSignal): Promise<Finding> {
  const { path, connections, ...bodies }: Scenario = SCENARIOS[scenario];
  try {
    const before = await cpuSeconds(server.pids);
    const work = { connections, durationMs: ms, ...bodies };
    const { requests, seconds } = await wrk(`${server.origin}${path}`, work, signal);
    const cpu = (await cpuSeconds(server.pids)) - before;
    return { rate: requests / seconds, cpu: (cpu / requests) * 10_000 };
  } catch (error) {
    throw new Error(`${contender}, ${scenario}: ${(error as Error).message}`, { cause: error });
  }
}

/** One request that is read to its end: under load only the status and the number of bytes are looked at. */
export async function probe({ scenario, contender, server }: Lane, signal: AbortSignal): Promise<void> {
  const { path, replyBytes, uploadBytes }: Scenario = SCENARIOS[scenario];
  const upload = uploadBytes === undefined ? {} : { method: 'POST', body: 'x'.repeat(uploadBytes) };
  const response = await fetch(`${server.origin}${path}`, { ...upload, signal });
  const text = await response.text();
  if (response.status === 200 && text === 'x'.repeat(replyBytes)) return;
  throw new Error(`${contender}, ${scenario}: answered ${response.status} with ${text.length} bytes`);
}
