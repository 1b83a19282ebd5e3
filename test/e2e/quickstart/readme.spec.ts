import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { answering } from '../../support/answering.js';
import { startNode } from '../../support/child.js';
import { freePort } from '../../support/port.js';

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
const run = promisify(execFile);

/** The console sessions of the README: what is typed, and what it says is printed. */
function consoleBlocks(): { command: string; printed: string }[][] {
  const blocks = [...readme.matchAll(/```console\n([\s\S]*?)```/g)].map(([, text]) => text!);
  return blocks.map((text) =>
    text
      .split(/^\$ /m)
      .slice(1)
      .map((part) => ({ command: part.slice(0, part.indexOf('\n')), printed: part.slice(part.indexOf('\n') + 1) })),
  );
}

beforeAll(() => {
  const missing = ['bash', 'curl'].filter((tool) => spawnSync(tool, ['--version']).error);
  if (missing.length > 0) throw new Error(`this test types what the README says, and needs ${missing.join(' and ')}`);
});

it('does what the README prints, from the first curl to the closed circuit', async () => {
  const [port, sessionPort] = [await freePort(), await freePort()];
  const env = {
    PORT: String(port),
    SESSION_PORT: String(sessionPort),
    SESSION_URL: `http://127.0.0.1:${sessionPort}/session`,
  };
  const here = (text: string): string =>
    text.replaceAll('127.0.0.1:3000', `127.0.0.1:${port}`).replaceAll('127.0.0.1:4001', `127.0.0.1:${sessionPort}`);
  const type = async (command: string): Promise<string> => (await run('bash', ['-c', here(command)])).stdout;
  const follow = async (block: { command: string; printed: string }[]): Promise<void> => {
    for (const { command, printed } of block) {
      const output = await type(command);
      expect(output.trimEnd(), command).toBe(here(printed).trimEnd());
    }
  };
  const [healthy, broken, mended] = consoleBlocks();

  const start = startNode(['dist/apps/quickstart/src/start.js'], env);
  await answering(`http://127.0.0.1:${port}/health/live`, start);
  await follow(healthy!);
  await follow(broken!);
  const session = startNode(['dist/apps/quickstart/src/session.js'], env);
  await session.prints(/session service: pid/);
  const { command, printed } = mended![0]!;
  while ((await type(command)).trim() !== printed.trim()) await pause(50);
  await follow(mended!);

  start.process.kill('SIGTERM');
  await start.exited;
  expect(start.output()).toContain('npm run start:session');
});

it('ends with a clear sentence when the port of the session service is taken', async () => {
  const port = String(await freePort());
  const first = startNode(['dist/apps/quickstart/src/session.js'], { SESSION_PORT: port });
  await first.prints(/session service: pid/);
  const second = startNode(['dist/apps/quickstart/src/start.js'], { SESSION_PORT: port });
  expect(await second.exited).toEqual({ code: 1, signal: null });
  expect(second.output()).toContain(`The session service cannot listen on port ${port}`);
});
