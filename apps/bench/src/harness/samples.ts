import { combineByRound, type Spread, spread } from './statistics.js';

/** What was measured: one number per round for each contender in each scenario. */
export class Samples {
  private readonly taken = new Map<string, number[]>();

  add(scenario: string, contender: string, sample: number): void {
    const key = keyOf(scenario, contender);
    const samples = this.taken.get(key);
    if (samples) samples.push(sample);
    else this.taken.set(key, [sample]);
  }

  /** Undefined where the contender has no such scenario. */
  spread(scenario: string, contender: string): Spread | undefined {
    const samples = this.taken.get(keyOf(scenario, contender));
    return samples && spread(samples);
  }

  /** How many times the second the first is, pair by pair: a slow spell of the machine hits both sides of a pair. */
  ratio(one: Measured, other: Measured): Spread | undefined {
    const [a, b] = [one, other].map(([scenario, contender]) => this.taken.get(keyOf(scenario, contender)));
    return a && b && combineByRound(a, b, (x, y) => x / y);
  }
}

export type Measured = readonly [scenario: string, contender: string];

const keyOf = (scenario: string, contender: string): string => `${scenario}\n${contender}`;
