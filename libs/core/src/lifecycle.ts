import { Logger } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import type { Dispatcher } from './dispatcher.js';
import { ShuttingDownError } from './errors.js';
import type { Hosts } from './host.js';
import { HttpDrain } from './http-drain.js';
import type { Plugins } from './plugins/plugins.js';
import type { Pools } from './pools/pool.registry.js';
import type { BuiltInTransport } from './routes/route.providers.js';
import type { Telemetry } from './telemetry.js';
import type { GatewayTransport } from './transport.js';

export type LifecyclePhase = 'starting' | 'up' | 'draining' | 'stopped';

/** For replies and settlements to get out, once the grace is over. */
const FLUSH_MS = 1_000;

/** What is started and stopped, and what it takes to do so. */
export interface LifecycleParts {
  readonly transports: readonly GatewayTransport[];
  /** Those that are always there; started last. */
  readonly builtIn: readonly BuiltInTransport[];
  readonly hosts: Hosts;
  readonly plugins: Plugins;
  readonly dispatcher: Dispatcher;
  readonly pools: Pools;
  readonly telemetry: Telemetry;
  readonly adapterHost: HttpAdapterHost;
  readonly graceMs: number;
}

/**
 * When the gateway starts and how it goes away.
 *
 * Start: every provider is initialised, plugins are started, then the transports open their doors in the order they
 * were given, each ready before the next; then readiness says so.
 *
 * Stop, all of it before any provider of the app is destroyed: readiness says no; transports take nothing new, and
 * nothing waits to be tried again; what was accepted finishes, queue included. The HTTP server of the app listens until nothing has arrived for a moment,
 * or for half of `graceMs` where work keeps coming, so that a load balancer can see the 503 and look elsewhere;
 * replies close their connections. What still runs when `graceMs` is over is told so by its signal. Then plugins
 * are stopped, transports flush and close, and connections that are still open are cut, a second later at most. One line in the log, and the
 * event `drained`, say how many calls were cut.
 */
export class GatewayLifecycle {
  private current: LifecyclePhase = 'starting';
  private stopping: Promise<void> | undefined;
  private readonly started: GatewayTransport[] = [];
  private http = new HttpDrain(undefined);
  private readonly logger = new Logger('Sallyport');

  constructor(private readonly parts: LifecycleParts) {}

  /** Those that the app was given. */
  get transports(): readonly GatewayTransport[] {
    return this.parts.transports;
  }

  get phase(): LifecyclePhase {
    return this.current;
  }

  /** The HTTP adapter gets its routes; it is told to close before any hook runs, and waits for us. */
  hookIntoHttp(): void {
    const { adapterHost, builtIn, hosts } = this.parts;
    const { httpAdapter } = adapterHost;
    const adapter = httpAdapter as { beforeClose?: () => unknown } | undefined;
    this.http = new HttpDrain(httpAdapter?.getHttpServer());
    if (adapter === undefined || adapter === null) return;
    for (const transport of builtIn) transport.register?.(httpAdapter, hosts.of(transport));
    const before = adapter.beforeClose?.bind(adapter);
    adapter.beforeClose = async () => {
      await this.stop();
      await before?.();
    };
  }

  /** Where one transport cannot start, the ones before it are closed: a failed bootstrap leaves nothing running. */
  async start(): Promise<void> {
    const { transports, builtIn, hosts, plugins } = this.parts;
    try {
      await plugins.start();
      for (const transport of [...transports, ...builtIn]) {
        await transport.start(hosts.of(transport));
        this.started.push(transport);
      }
    } catch (error) {
      await this.stop();
      throw error;
    }
    if (this.current === 'starting') this.current = 'up';
  }

  stop(): Promise<void> {
    return (this.stopping ??= this.drain());
  }

  private async drain(): Promise<void> {
    this.current = 'draining';
    const { http } = this;
    const { pools, graceMs, dispatcher, plugins } = this.parts;
    const begun = pools.time.now();
    const end = begun + graceMs;
    http.begin();
    const repeated = dispatcher.drain();
    await this.until(
      end,
      this.each('stop its intake', (transport) => transport.stopIntake()),
    );
    await this.until(
      begun + graceMs / 2,
      pools.whenIdle().then(() => http.quiet()),
    );
    await this.until(end, http.close());
    await this.until(end, repeated);
    await this.until(end, pools.whenIdle());
    const cut = pools.close(new ShuttingDownError('the grace of the shutdown was over'));
    dispatcher.close();
    await this.until(pools.time.now() + FLUSH_MS, plugins.stop());
    await this.until(
      pools.time.now() + FLUSH_MS,
      this.each('close', (transport) => transport.close()),
    );
    await http.cutAfter(FLUSH_MS);
    this.current = 'stopped';
    if (cut > 0) this.logger.warn(`Stopped; ${cut} ${cut === 1 ? 'call was' : 'calls were'} cut after ${graceMs} ms`);
    this.parts.telemetry.emit('drained', { cut });
  }

  /** Resolves with `done`, or at the deadline without it. */
  private until(deadline: number, done: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const callOff = this.parts.pools.time.at(deadline, resolve);
      done.then(resolve, reject).finally(callOff);
    });
  }

  /** One transport that cannot must not keep the others from it. */
  private async each(verb: string, act: (transport: GatewayTransport) => Promise<void>): Promise<void> {
    const results = await Promise.allSettled(this.started.map(async (transport) => act(transport)));
    for (const [index, result] of results.entries()) {
      if (result.status === 'rejected')
        this.logger.error(`${this.started[index]!.name} did not ${verb}: ${result.reason}`);
    }
  }
}
