import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Child {
  process: ChildProcess;
  /** What it printed so far, both streams. */
  output(): string;
  /** Resolves when the output matches; rejects when the child ends before. */
  prints(pattern: RegExp): Promise<void>;
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** A node process of its own, from the root of the repository, that is gone when the test is. */
export function startNode(args: string[], env: Record<string, string> = {}): Child {
  const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, ...env }, stdio: 'pipe' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const prints = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => (pattern.test(output) ? resolve() : undefined);
      look();
      for (const stream of [child.stdout, child.stderr]) stream.on('data', look);
      void exited.then(({ code }) => reject(new Error(`ended with ${code} before it printed ${pattern}:\n${output}`)));
    });
  return { process: child, output: () => output, prints, exited };
}
