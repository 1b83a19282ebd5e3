import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Makes sure that a program is there: found, or installed where we may, or one clear sentence. */
export async function needProgram(name: string): Promise<void> {
  if (isThere(name)) return;
  if (process.getuid?.() === 0 && isThere('apt-get')) {
    await run('apt-get', ['update', '-qq']);
    await run('apt-get', ['install', '-y', '-qq', name], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  }
  if (!isThere(name)) throw new Error(`this test needs ${name}: apt-get install ${name}`);
}

function isThere(name: string): boolean {
  return spawnSync(name, ['--version']).error === undefined;
}
