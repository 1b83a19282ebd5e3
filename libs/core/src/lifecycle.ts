import { Logger } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import { ShuttingDownError } from './errors.js';
import { HttpDrain } from './http-drain.js';
import type { Pools } from './pools/pool.registry.js';
import type { Telemetry } from './telemetry.js';
import type { GatewayTransport } from './transport.js';

export type LifecyclePhase = 'starting' | 'up' | 'draining' | 'stopped';

/**
 * When the gateway starts and how it goes away.
 *
 * Start: every provider is initialised, then the transports open their doors in the order they were given, each
 * ready before the next; then readiness says so.
 *
 * Stop, all of it before any provider of the app is destroyed, and within `graceMs`: readiness says no; transports
 * take nothing new; what was accepted finishes, queue included. The HTTP server of the app listens until then, or
 * for half of the grace where work keeps coming, so that a load balancer can see the 503 and look elsewhere; replies
 * close their connections. What still runs when the grace is over is told so by its signal. Then the transports
 * flush and close. One line in the log, and the event `drained`, say how many calls were cut.
 */
export class GatewayLifecycle {
  private current: LifecyclePhase = 'starting';
  private stopping: Promise<void> | undefined;
  private readonly started: GatewayTransport[] = [];
  private readonly logger = new Logger('Sallyport');

  constructor(
    readonly transports: readonly GatewayTransport[],
    private readonly graceMs: number,
    private readonly pools: Pools,
    private readonly telemetry: Telemetry,
    private readonly http: HttpAdapterHost,
  ) {}

  get phase(): LifecyclePhase {
    return this.current;
  }

  /** The HTTP adapter is told to close before any hook runs, and waits for us. */
  hookIntoHttp(): void {
    const adapter = this.http.httpAdapter as { beforeClose?: () => unknown } | undefined;
    if (adapter === undefined || adapter === null) return;
    const before = adapter.beforeClose?.bind(adapter);
    adapter.beforeClose = async () => {
      await this.stop();
      await before?.();
    };
  }

  async start(): Promise<void> {
    for (const transport of this.transports) {
      await transport.start();
      this.started.push(transport);
    }
    if (this.current === 'starting') this.current = 'up';
  }

  stop(): Promise<void> {
    return (this.stopping ??= this.drain());
  }

  private async drain(): Promise<void> {
    this.current = 'draining';
    const begun = this.pools.time.now();
    const server = new HttpDrain(this.http.httpAdapter?.getHttpServer());
    server.refuseKeepAlive();
    await this.each('stop its intake', (transport) => transport.stopIntake());
    const end = begun + this.graceMs;
    await this.idleUntil(begun + this.graceMs / 2, () => this.pools.whenIdle());
    await this.idleUntil(end, () => server.close());
    await this.idleUntil(end, () => this.pools.whenIdle());
    const cut = this.pools.close(new ShuttingDownError('the grace of the shutdown was over'));
    await this.each('close', (transport) => transport.close());
    this.current = 'stopped';
    if (cut > 0)
      this.logger.warn(`Stopped; ${cut} ${cut === 1 ? 'call was' : 'calls were'} cut after ${this.graceMs} ms`);
    this.telemetry.emit('drained', { cut });
  }

  private idleUntil(deadline: number, idle: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const callOff = this.pools.time.at(deadline, resolve);
      idle().then(resolve, reject).finally(callOff);
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
