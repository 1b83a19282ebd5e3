import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { nextMessage } from './messages.js';
import type { Listening } from './server.js';

/** Longer than any server takes to stop by itself. */
const PATIENCE_MS = 5_000;

/** A server in a process of its own, seen from the parent. */
export class ServerProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly origin: string,
    /** Whose CPU time is the server's. */
    readonly pids: readonly number[],
  ) {}

  static async start(name: string, module: URL, upstream = ''): Promise<ServerProcess> {
    const child = fork(new URL('./server-child.js', import.meta.url), [module.href, upstream], { execArgv: [] });
    const { port, pids } = await nextMessage<Listening>(child, name);
    return new ServerProcess(child, `http://127.0.0.1:${port}`, pids);
  }

  async stop(): Promise<void> {
    if (!this.child.connected) return;
    const exited = once(this.child, 'exit');
    const impatience = setTimeout(() => this.child.kill('SIGKILL'), PATIENCE_MS);
    this.child.disconnect();
    await exited;
    clearTimeout(impatience);
  }
}
