import type { Measure } from './contender.js';
import type { Lane } from './lane.js';
import { Samples } from './samples.js';

export interface Effort {
  readonly rounds: number;
  readonly budgetMs: number;
  /** Absent: the contenders are warm already. */
  readonly warmUpMs?: number;
}

/** Asks A B C, A B C, …: only one process measures at a time, and each round is one pass over everything. */
export async function measureRounds(lanes: readonly Lane[], measure: Measure, effort: Effort): Promise<Samples> {
  const { rounds, budgetMs, warmUpMs } = effort;
  if (warmUpMs) await pass(new Samples(), warmUpMs);
  const samples = new Samples();
  for (let round = 0; round < rounds; round += 1) await pass(samples, budgetMs);
  return samples;

  async function pass(into: Samples, ms: number): Promise<void> {
    for (const lane of lanes) {
      const perCall = await lane.ask({ measure, budgetMs: ms });
      if (perCall !== undefined) into.add(lane.scenario, lane.contender, perCall);
    }
  }
}
