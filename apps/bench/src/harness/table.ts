import type { Spread } from './statistics.js';

/** A Markdown table as prettier leaves it: first column to the left, numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(3, title.length, ...rows.map((row) => row[column]!.length)));
  const pad = (text: string, column: number) =>
    column === 0 ? text.padEnd(widths[column]!) : text.padStart(widths[column]!);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head.map(pad)), line(rule), ...rows.map((row) => line(row.map(pad)))].join('\n');
}

/** `median (min–max)`; a dash where nothing was measured. */
export function cell(value: Spread | undefined, format: (value: number) => string): string {
  return value ? `${format(value.median)} (${format(value.min)}–${format(value.max)})` : '–';
}

/** Thousands are set apart by a space. */
export function whole(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ' ');
}

export function decimal(value: number): string {
  return value.toFixed(1);
}

export function hundredths(value: number): string {
  return value.toFixed(2);
}

export function times(value: number): string {
  return `${value < 10 ? hundredths(value) : whole(value)}×`;
}
