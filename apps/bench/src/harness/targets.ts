import type { Spread } from './statistics.js';
import { cell, table } from './table.js';

/** One line of what the project has promised itself. */
export interface Target<Results> {
  readonly what: string;
  /** Absent where nothing is promised, and the number is only shown. */
  readonly bar?: number;
  /** Whether the bar is a ceiling (`≤`) or a floor (`≥`). */
  readonly is?: '≤' | '≥';
  readonly format: (value: number) => string;
  readonly measured: (results: Results) => Spread | undefined;
}

export function targetsTable<Results>(targets: readonly Target<Results>[], results: Results): string {
  const rows = targets.map(({ what, is, bar, format, measured }) => {
    const value = measured(results);
    if (bar === undefined) return [what, '–', cell(value, format), '–'];
    const met = value && (is === '≤' ? value.median <= bar : value.median >= bar);
    return [what, `${is} ${format(bar)}`, cell(value, format), met ? 'yes' : 'no'];
  });
  return table(['', 'bar', 'measured', 'met'], rows);
}
