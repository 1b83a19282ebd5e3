import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pathOf } from './programs.js';

export interface Load {
  readonly connections: number;
  readonly durationMs: number;
  /** Bytes that each request POSTs; absent: it is a GET. */
  readonly uploadBytes?: number;
  /** Bytes of body that each reply has at least. */
  readonly replyBytes: number;
}

export interface Served {
  readonly requests: number;
  readonly seconds: number;
}

interface Summary {
  readonly requests: number;
  readonly microseconds: number;
  readonly bytes: number;
  /** Replies of 400 and above. */
  readonly refused: number;
  /** Connections that could not be made, read or written. */
  readonly broken: number;
  /** Replies that took longer than two seconds. */
  readonly late: number;
}

// Compiled to dist/apps/bench/src/harness; only TypeScript is copied there.
const SCRIPT = fileURLToPath(new URL('../../../../../apps/bench/src/harness/wrk.lua', import.meta.url));

const run = promisify(execFile);

/** Asks from a process of its own, each connection again as soon as it has its reply; rejects unless all went well. */
export async function wrk(url: string, load: Load, signal: AbortSignal): Promise<Served> {
  const { connections, durationMs, uploadBytes, replyBytes } = load;
  const options = ['-t1', `-c${connections}`, `-d${Math.ceil(durationMs / 1_000)}s`, '-s', SCRIPT];
  const upload = uploadBytes === undefined ? [] : ['--', String(uploadBytes)];
  const { stdout } = await run(await pathOf('wrk'), [...options, url, ...upload], { signal });
  const summary = JSON.parse(stdout.trim().split('\n').at(-1)!) as Summary;
  const fault = faultOf(summary, replyBytes);
  if (fault) throw new Error(`${url}: ${fault}`);
  return { requests: summary.requests, seconds: summary.microseconds / 1e6 };
}

function faultOf({ requests, bytes, refused, broken, late }: Summary, replyBytes: number): string | undefined {
  if (refused + broken + late > 0) {
    return `of ${requests} requests ${refused} were refused, ${broken} broke, ${late} took over two seconds`;
  }
  if (requests === 0) return 'not one reply';
  if (bytes < requests * replyBytes) return `${requests} replies in ${bytes} bytes: some had no whole body`;
  return undefined;
}
