import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startNode, type Child } from '../../../support/child.js';
import { writeFile } from './file.js';

const MAIN = 'dist/apps/gateway/src/main.js';

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** `sallyport` with those arguments, until it ends by itself. */
export function sallyport(
  args: string[],
  { cwd, home = '/nowhere' }: { cwd?: string; home?: string } = {},
): Promise<Ended> {
  const main = fileURLToPath(new URL(`../../../../${MAIN}`, import.meta.url));
  const env = { ...process.env, HOME: home };
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { cwd, env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

/** A running gateway of that file, on a free port unless it names one. */
export async function startGateway(text: string): Promise<Child & { origin: string }> {
  const child = startNode([MAIN, '--config', writeFile(/^port:/m.test(text) ? text : `port: 0\n${text}`)]);
  await child.prints(/^sallyport .*\n/m);
  return { ...child, origin: /http:\/\/[^,]+/.exec(child.output())![0] };
}
