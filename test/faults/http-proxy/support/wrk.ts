import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { needProgram } from '../../../support/programs.js';

const script = fileURLToPath(new URL('wrk.lua', import.meta.url));
const RESULT = /wrk (\{.*\})/;

/** How often each status came back; `broken`: connections that were refused, cut, or answered too late. */
export type Statuses = Record<'200' | '502' | '503' | '504' | 'other' | 'broken', number>;

export interface Wrk {
  /** Ends it; what it saw. */
  stop(): Promise<Statuses>;
}

/** As many requests as `connections` can carry, until it is stopped. */
export async function startWrk(url: string, connections: number): Promise<Wrk> {
  const args = ['-t', '1', '-c', String(connections), '-d', '10m', '--timeout', '15s', '-s', script, url];
  await needProgram('wrk');
  const child = spawn('wrk', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'spawn');
  const ended = once(child, 'close');
  return {
    async stop() {
      child.kill('SIGINT');
      await ended;
      const [, result] = RESULT.exec(output) ?? [];
      if (result === undefined) throw new Error(`wrk told nothing: ${output}`);
      return JSON.parse(result) as Statuses;
    },
  };
}
