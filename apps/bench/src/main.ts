import { parseArgs } from 'node:util';
import { MissingProgramsError } from './harness/programs.js';
import { refreshReadme } from './harness/report.js';
import type { Suite } from './harness/suite.js';

/** Loaded when asked for: a suite may need drivers or servers that another machine has not. */
const SUITES: Record<string, () => Promise<Suite>> = {
  commands: async () => (await import('./commands/commands.suite.js')).commands,
  proxy: async () => (await import('./proxy/proxy.suite.js')).proxy,
  routes: async () => (await import('./routes/routes.suite.js')).routes,
};

const stopped = stopOnSignal();
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, write: { type: 'boolean', default: false } },
});
const [name = ''] = positionals;

const load = Object.hasOwn(SUITES, name) ? SUITES[name] : undefined;

if (load) {
  try {
    await run(await load());
  } catch (error) {
    if (!(error instanceof MissingProgramsError) && !stopped.aborted) throw error;
    process.stderr.write(`${String(stopped.reason ?? (error as Error).message)}\n`);
    process.exitCode = 1;
  }
} else {
  process.stderr.write(`usage: npm run bench -- ${Object.keys(SUITES).join('|')} [--quick] [--write]\n`);
  process.exitCode = 1;
}

async function run(suite: Suite): Promise<void> {
  const { quick, write } = values;
  const report = await suite({ quick, progress: (text) => process.stderr.write(`${text}\n`), signal: stopped });
  process.stdout.write(`${report}\n`);
  if (write) await refreshReadme(name, report);
}

/** The first Ctrl-C lets the suite stop what it started; a second one ends the process as usual. */
function stopOnSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => controller.abort(`stopped by ${signal}`));
  }
  return controller.signal;
}
