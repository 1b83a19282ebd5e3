import { fileURLToPath } from 'node:url';
import type { PoolOptions, PoolSnapshot } from 'sallyport';
import type { ProxyOptions } from 'sallyport/http-proxy';
import { expect } from 'vitest';
import { ask, type Asked, type Reply } from '../../../support/ask.js';
import { startNode, type Child } from '../../../support/child.js';

const program = fileURLToPath(new URL('gateway.mjs', import.meta.url));
const READY = /gateway (\d+) state (\d+)\n/;

export interface GatewayProcessOptions {
  proxies: ProxyOptions[];
  pools?: Record<string, PoolOptions>;
  port?: number;
  graceMs?: number;
  /** Of node. */
  flags?: string[];
}

/** In bytes; the heap after a full collection. */
export interface GatewayState {
  readonly heapUsed: number;
  readonly rss: number;
  readonly maxRss: number;
  readonly pools: PoolSnapshot[];
}

export interface GatewayProcess {
  readonly child: Child;
  readonly port: number;
  ask(asked?: Asked): Promise<Reply>;
  state(): Promise<GatewayState>;
  /** Resolves when no slot is taken and nobody waits for one. */
  idle(): Promise<void>;
}

/** A gateway whose memory and signals are its own; gone with the test. */
export async function startGatewayProcess({ flags = [], ...options }: GatewayProcessOptions): Promise<GatewayProcess> {
  const child = startNode(['--expose-gc', ...flags, program], { GATEWAY: JSON.stringify(options) });
  await child.prints(READY);
  const [port, statePort] = READY.exec(child.output())!.slice(1).map(Number) as [number, number];
  const state = async (): Promise<GatewayState> => (await ask(statePort)).body;
  return {
    child,
    port,
    state,
    ask: (asked) => ask(port, asked),
    idle: async () => {
      await expect
        .poll(async () => (await state()).pools, { timeout: 15_000 })
        .toEqual([expect.objectContaining({ running: 0, queued: 0 })]);
    },
  };
}
