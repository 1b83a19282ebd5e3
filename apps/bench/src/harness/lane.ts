import { fork, type ChildProcess } from 'node:child_process';
import type { Answer, Ask } from './contender.js';
import { nextMessage } from './messages.js';

/** One contender in one scenario, seen from the parent: a process of its own that measures when it is told to. */
export class Lane {
  private constructor(
    readonly scenario: string,
    readonly contender: string,
    private readonly child: ChildProcess,
  ) {}

  static async open(scenario: string, contender: string, module: URL): Promise<Lane> {
    const child = fork(new URL('./child.js', import.meta.url), [module.href, scenario], { execArgv: ['--expose-gc'] });
    const lane = new Lane(scenario, contender, child);
    await lane.reply();
    return lane;
  }

  /** Undefined: this contender has no such scenario. */
  async ask(ask: Ask): Promise<number | undefined> {
    this.child.send(ask);
    const { perCall, error } = await this.reply();
    if (error) throw new Error(`${this.contender}, ${this.scenario}: ${error}`);
    return perCall;
  }

  close(): void {
    this.child.kill();
  }

  private reply(): Promise<Answer> {
    return nextMessage(this.child, `${this.contender}, ${this.scenario}`);
  }
}
