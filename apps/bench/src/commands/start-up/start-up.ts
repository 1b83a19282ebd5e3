import { fork } from 'node:child_process';
import { once } from 'node:events';
import { nextMessage } from '../../harness/messages.js';
import { combineByRound, type Spread, spread } from '../../harness/statistics.js';
import type { Ready } from './ready.js';

export type Quantity = keyof Ready;

export interface StartUp {
  readonly bareNest: Record<Quantity, Spread>;
  readonly withGateway: Record<Quantity, Spread>;
  readonly added: Record<Quantity, Spread>;
}

/** Starts the same Nest application without and with the gateway, in turn, each in a fresh process. */
export async function measureStartUp(runs: number, signal: AbortSignal): Promise<StartUp> {
  const bare: Ready[] = [];
  const gateway: Ready[] = [];
  for (let run = -1; run < runs; run += 1) {
    signal.throwIfAborted();
    const pair = [await start('./bare-nest.js'), await start('./with-gateway.js')] as const;
    if (run < 0) continue; // the first pair fills the file cache
    bare.push(pair[0]);
    gateway.push(pair[1]);
  }
  const added = (of: (ready: Ready) => number) => combineByRound(gateway.map(of), bare.map(of), (a, b) => a - b);
  return {
    bareNest: each((of) => spread(bare.map(of))),
    withGateway: each((of) => spread(gateway.map(of))),
    added: each(added),
  };
}

function each(summarise: (of: (ready: Ready) => number) => Spread): Record<Quantity, Spread> {
  return {
    ms: summarise((ready) => ready.ms),
    rssMb: summarise((ready) => ready.rssMb),
    heapMb: summarise((ready) => ready.heapMb),
  };
}

async function start(program: string): Promise<Ready> {
  const child = fork(new URL(program, import.meta.url), { execArgv: ['--expose-gc'] });
  const exit = once(child, 'exit');
  const ready = await nextMessage<Ready>(child, program);
  await exit;
  return ready;
}
