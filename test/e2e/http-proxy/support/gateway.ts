import {
  Module,
  type INestApplication,
  type INestApplicationContext,
  type ModuleMetadata,
  type Provider,
} from '@nestjs/common';
import { GatewayModule, PoolRegistry, Telemetry, type Clock, type PoolOptions, type PoolSnapshot } from 'sallyport';
import { httpProxy, type ProxyOptions } from 'sallyport/http-proxy';
import { expect, onTestFinished } from 'vitest';
import { ask, type Asked, type Reply } from '../../../support/ask.js';
import { boot, ownListener, type Carrier } from './carriers.js';

export interface GatewaySetup {
  /** @default a listener of its own */
  carrier?: Carrier;
  proxies?: ProxyOptions[];
  /** Decorated with `@HttpProxy`, and what they inject. */
  classes?: Provider[];
  pools?: Record<string, PoolOptions>;
  poolDefaults?: PoolOptions;
  controllers?: ModuleMetadata['controllers'];
  maxTunnels?: number;
  graceMs?: number;
  clock?: Clock;
  /** Of an app, before it is initialised. */
  prepare?(app: INestApplication): void;
}

export interface RunningGateway {
  readonly app: INestApplicationContext;
  readonly port: number;
  readonly pools: PoolRegistry;
  readonly telemetry: Telemetry;
  /** Warnings and errors that were logged. */
  readonly log: string[];
  ask(asked?: Asked): Promise<Reply>;
  snapshot(group?: string): PoolSnapshot;
  /** Of one circuit, all zero before it was asked for. */
  counts(key: string, group?: string): Partial<PoolSnapshot['circuits'][number]['counts']>;
  /** Resolves when no slot is taken and nobody waits for one. */
  idle(group?: string): Promise<void>;
}

/** A gateway in this process, closed with the test. */
export async function startGateway(setup: GatewaySetup): Promise<RunningGateway> {
  const { carrier = ownListener, clock, pools, poolDefaults, graceMs, prepare } = setup;
  const { classes: providers, controllers, proxies, maxTunnels } = setup;
  const own = carrier === ownListener ? { port: 0 } : {};
  const transport = httpProxy({ proxies, maxTunnels, ...own });
  const shutdown = { graceMs: graceMs ?? 500 };
  const gateway = GatewayModule.forRoot({
    service: 'gate',
    transports: [transport],
    pools,
    poolDefaults,
    shutdown,
    clock,
  });
  @Module({ imports: [gateway], providers, controllers })
  class AppModule {}
  const log: string[] = [];
  const write = (line: unknown): void => void log.push(String(line));
  const logger = { log: () => {}, warn: write, error: write, fatal: write };
  let app!: INestApplicationContext;
  const created = (context: INestApplicationContext): void => {
    app = context;
    onTestFinished(() => context.close());
  };
  const port = await boot(carrier, { module: AppModule, logger, transport, prepare, created });
  return running(app, port, log);
}

function running(app: INestApplicationContext, port: number, log: string[]): RunningGateway {
  const pools = app.get(PoolRegistry);
  const snapshot = (group = 'http-proxy'): PoolSnapshot => pools.get(group)!.snapshot();
  return {
    app,
    port,
    log,
    pools,
    telemetry: app.get(Telemetry),
    ask: (asked) => ask(port, asked),
    snapshot,
    counts: (key, group) => snapshot(group).circuits.find((circuit) => circuit.key === key)?.counts ?? {},
    idle: async (group) => {
      await expect.poll(() => snapshot(group), { timeout: 10_000 }).toMatchObject({ running: 0, queued: 0 });
    },
  };
}
