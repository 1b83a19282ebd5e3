import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Ready } from '../../commands/start-up/ready.js';
import { nextMessage } from '../../harness/messages.js';
import { combineByRound, type Spread, spread } from '../../harness/statistics.js';

/** Row of the table → the program that is started. */
const PROGRAMS = {
  'a thousand methods, no routes': './nothing.js',
  'as exposed methods of sallyport': './exposed-methods.js',
  'as message patterns of Nest': './message-patterns.js',
} as const;

export type ProgramName = keyof typeof PROGRAMS;

const NAMES = Object.keys(PROGRAMS) as ProgramName[];
export const BASELINE: ProgramName = 'a thousand methods, no routes';

export type Quantity = keyof Ready;

/** The same Nest application with and without routes, started again and again, each time in a fresh process. */
export class StartUp {
  private constructor(private readonly starts: ReadonlyMap<ProgramName, readonly Ready[]>) {}

  static async measure(runs: number, signal: AbortSignal): Promise<StartUp> {
    const starts = new Map<ProgramName, Ready[]>(NAMES.map((name) => [name, []]));
    for (let run = -1; run < runs; run += 1) {
      for (const name of NAMES) {
        signal.throwIfAborted();
        const ready = await start(PROGRAMS[name]);
        if (run >= 0) starts.get(name)!.push(ready); // the first run fills the file cache
      }
    }
    return new StartUp(starts);
  }

  get programs(): readonly ProgramName[] {
    return NAMES;
  }

  of(program: ProgramName, quantity: Quantity): Spread {
    return spread(this.taken(program, quantity));
  }

  /** More than the same application without routes. */
  added(program: ProgramName, quantity: Quantity): Spread {
    return combineByRound(this.taken(program, quantity), this.taken(BASELINE, quantity), (a, b) => a - b);
  }

  private taken(program: ProgramName, quantity: Quantity): number[] {
    return this.starts.get(program)!.map((ready) => ready[quantity]);
  }
}

async function start(program: string): Promise<Ready> {
  const child = fork(new URL(program, import.meta.url), { execArgv: ['--expose-gc'] });
  const exit = once(child, 'exit');
  const ready = await nextMessage<Ready>(child, program);
  await exit;
  return ready;
}
