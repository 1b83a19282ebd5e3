import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';

// Compiled to dist/apps/bench/src/harness; the README is not copied there.
const README = new URL('../../../../../apps/bench/README.md', import.meta.url);

/** The sentence that stands above every table: the machine without its name, and no date. */
export function conditions(effort: string): string {
  return `${availableParallelism()} cores, Node ${process.versions.node}; ${effort}.`;
}

export const section = (title: string, body: string): string => `### ${title}\n\n${body}`;

/** Replaces what stands between the suite's markers; everything else is written by hand. */
export async function refreshReadme(suite: string, report: string): Promise<void> {
  const [start, end] = [`<!-- ${suite}:start -->`, `<!-- ${suite}:end -->`];
  const text = await readFile(README, 'utf8');
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`apps/bench/README.md has no ${start} … ${end}`);
  await writeFile(README, `${text.slice(0, from)}${start}\n\n${report}\n\n${text.slice(to)}`);
}
