import type { Measure } from './contender.js';
import type { Lane } from './lane.js';
import { Samples } from './samples.js';

export interface Effort {
  readonly rounds: number;
  readonly budgetMs: number;
  /** Absent: the contenders are warm already. */
  readonly warmUpMs?: number;
}

export interface Turn<Asked> {
  readonly lane: Asked;
  readonly budgetMs: number;
  /** Not so while warming up. */
  readonly counts: boolean;
}

/** A B C, A B C, …: only one lane measures at a time, and each round is one pass over everything. */
export function* turns<Asked>(
  lanes: readonly Asked[],
  { rounds, budgetMs, warmUpMs = 0 }: Effort,
  signal: AbortSignal,
): Generator<Turn<Asked>, void> {
  for (let round = warmUpMs > 0 ? -1 : 0; round < rounds; round += 1) {
    for (const lane of lanes) {
      signal.throwIfAborted();
      yield { lane, budgetMs: round < 0 ? warmUpMs : budgetMs, counts: round >= 0 };
    }
  }
}

/** For lanes that measure themselves. */
export async function measureRounds(
  lanes: readonly Lane[],
  measure: Measure,
  effort: Effort,
  signal: AbortSignal,
): Promise<Samples> {
  const samples = new Samples();
  for (const { lane, budgetMs, counts } of turns(lanes, effort, signal)) {
    const perCall = await lane.ask({ measure, budgetMs });
    if (counts && perCall !== undefined) samples.add(lane.scenario, lane.contender, perCall);
  }
  return samples;
}
