import { Logger } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import { ShuttingDownError } from './errors.js';
import { HttpDrain } from './http-drain.js';
import type { Pools } from './pools/pool.registry.js';
import type { Telemetry } from './telemetry.js';
import type { GatewayTransport } from './transport.js';

export type LifecyclePhase = 'starting' | 'up' | 'draining' | 'stopped';

/** For replies and settlements to get out, once the grace is over. */
const FLUSH_MS = 1_000;

/**
 * When the gateway starts and how it goes away.
 *
 * Start: every provider is initialised, then the transports open their doors in the order they were given, each
 * ready before the next; then readiness says so.
 *
 * Stop, all of it before any provider of the app is destroyed: readiness says no; transports take nothing new; what
 * was accepted finishes, queue included. The HTTP server of the app listens until nothing has arrived for a moment,
 * or for half of `graceMs` where work keeps coming, so that a load balancer can see the 503 and look elsewhere;
 * replies close their connections. What still runs when `graceMs` is over is told so by its signal. Then transports
 * flush and close, and connections that are still open are cut, a second later at most. One line in the log, and the
 * event `drained`, say how many calls were cut.
 */
export class GatewayLifecycle {
  private current: LifecyclePhase = 'starting';
  private stopping: Promise<void> | undefined;
  private readonly started: GatewayTransport[] = [];
  private http = new HttpDrain(undefined);
  private readonly logger = new Logger('Sallyport');

  constructor(
    readonly transports: readonly GatewayTransport[],
    private readonly graceMs: number,
    private readonly pools: Pools,
    private readonly telemetry: Telemetry,
    private readonly adapterHost: HttpAdapterHost,
  ) {}

  get phase(): LifecyclePhase {
    return this.current;
  }

  /** The HTTP adapter is told to close before any hook runs, and waits for us. */
  hookIntoHttp(): void {
    const adapter = this.adapterHost.httpAdapter as { beforeClose?: () => unknown } | undefined;
    this.http = new HttpDrain(this.adapterHost.httpAdapter?.getHttpServer());
    if (adapter === undefined || adapter === null) return;
    const before = adapter.beforeClose?.bind(adapter);
    adapter.beforeClose = async () => {
      await this.stop();
      await before?.();
    };
  }

  /** Where one transport cannot start, the ones before it are closed: a failed bootstrap leaves nothing running. */
  async start(): Promise<void> {
    try {
      for (const transport of this.transports) {
        await transport.start();
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
    const { http, pools } = this;
    const begun = pools.time.now();
    const end = begun + this.graceMs;
    http.begin();
    await this.until(
      end,
      this.each('stop its intake', (transport) => transport.stopIntake()),
    );
    await this.until(
      begun + this.graceMs / 2,
      pools.whenIdle().then(() => http.quiet()),
    );
    await this.until(end, http.close());
    await this.until(end, pools.whenIdle());
    const cut = pools.close(new ShuttingDownError('the grace of the shutdown was over'));
    await this.until(
      pools.time.now() + FLUSH_MS,
      this.each('close', (transport) => transport.close()),
    );
    await http.cutAfter(FLUSH_MS);
    this.current = 'stopped';
    if (cut > 0)
      this.logger.warn(`Stopped; ${cut} ${cut === 1 ? 'call was' : 'calls were'} cut after ${this.graceMs} ms`);
    this.telemetry.emit('drained', { cut });
  }

  /** Resolves with `done`, or at the deadline without it. */
  private until(deadline: number, done: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const callOff = this.pools.time.at(deadline, resolve);
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
