import { parseArgs } from 'node:util';
import { refreshReadme } from './harness/report.js';
import type { Suite } from './harness/suite.js';

/** Loaded when asked for: a suite may need drivers or servers that another machine has not. */
const SUITES: Record<string, () => Promise<Suite>> = {
  commands: async () => (await import('./commands/commands.suite.js')).commands,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, write: { type: 'boolean', default: false } },
});
const [name = ''] = positionals;

const load = Object.hasOwn(SUITES, name) ? SUITES[name] : undefined;

if (load) {
  const suite = await load();
  const report = await suite({ quick: values.quick, progress: (text) => process.stderr.write(`${text}\n`) });
  process.stdout.write(`${report}\n`);
  if (values.write) await refreshReadme(name, report);
} else {
  process.stderr.write(`usage: npm run bench -- ${Object.keys(SUITES).join('|')} [--quick] [--write]\n`);
  process.exitCode = 1;
}
