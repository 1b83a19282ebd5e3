// `npm test`: every step in turn, each streaming what it has to say, and at the end one line with the sum.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const STEPS = [
  { script: 'lint' },
  { script: 'typecheck' },
  { script: 'build' },
  { script: 'test:unit', vitest: true },
  { script: 'test:e2e', vitest: true, needs: 'build' },
  { script: 'test:package', vitest: true, needs: 'build' },
];

const root = fileURLToPath(new URL('..', import.meta.url));
const reports = mkdtempSync(join(tmpdir(), 'sallyport-test-'));
let running;

process.on('exit', () => rmSync(reports, { recursive: true, force: true }));
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    if (running) process.kill(-running.pid, signal);
    process.exit(128 + constants.signals[signal]);
  });
}

const total = { passed: 0, failed: 0 };
const failing = new Set();
for (const step of STEPS) {
  console.log(`\n> ${step.script}`);
  const { passed, failed } = await run(step);
  total.passed += passed;
  total.failed += failed;
  if (failed > 0) failing.add(step.script);
}
if (failing.size > 0) console.log(`\nfailing: ${[...failing].join(', ')}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 ? 1 : 0;

async function run({ script, vitest, needs }) {
  if (failing.has(needs)) {
    console.log(`not run: ${needs} failed`);
    return { passed: 0, failed: 1 };
  }
  if (!vitest) return (await npmRun(script)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  const report = join(reports, `${script.replace(':', '-')}.json`);
  const code = await npmRun(script, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`);
  return tally(filesOf(report), code);
}

/** The exit code. The step leads a process group of its own, so that a signal reaches what it started in turn. */
function npmRun(script, ...args) {
  return new Promise((resolve) => {
    const stdio = ['ignore', 'inherit', 'inherit'];
    running = spawn('npm', ['run', '--silent', script, '--', ...args], { cwd: root, stdio, detached: true });
    running.on('error', () => resolve(1));
    running.on('exit', (code) => {
      running = undefined;
      resolve(code ?? 1);
    });
  });
}

/** No report: vitest did not get as far as running anything. */
function filesOf(report) {
  try {
    return JSON.parse(readFileSync(report, 'utf8')).testResults;
  } catch {
    return [];
  }
}

/** Whatever did not pass has failed: also what was skipped, what never ran, a file that did not load, an error between tests. */
function tally(files, code) {
  const sum = { passed: 0, failed: 0 };
  for (const { status, assertionResults: tests } of files) {
    const passed = tests.filter((test) => test.status === 'passed').length;
    sum.passed += passed;
    sum.failed += Math.max(tests.length - passed, status === 'passed' ? 0 : 1);
  }
  if (sum.failed === 0 && (code !== 0 || sum.passed === 0)) sum.failed = 1;
  return sum;
}
