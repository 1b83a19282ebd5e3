export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Of at least one sample. */
export function spread(samples: readonly number[]): Spread {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}

/** Both have one sample per round. */
export function combineByRound(
  one: readonly number[],
  other: readonly number[],
  combine: (a: number, b: number) => number,
): Spread {
  return spread(one.map((sample, round) => combine(sample, other[round]!)));
}
