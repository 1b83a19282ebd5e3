import { Controller, Get } from '@nestjs/common';
import { HealthCheck, HealthCheckService, TerminusModule, type HealthCheckResult } from '@nestjs/terminus';
import { GatewayModule } from 'sallyport';
import {
  EventLoopHealthIndicator,
  HealthModule,
  PoolHealthIndicator,
  TransportHealthIndicator,
} from 'sallyport/health';
import { describe, expect, it } from 'vitest';
import { platforms, run } from './support/app.js';

@Controller('mine')
class MyHealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly pools: PoolHealthIndicator,
    private readonly transports: TransportHealthIndicator,
    private readonly eventLoop: EventLoopHealthIndicator,
  ) {}

  @Get()
  @HealthCheck()
  all(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.pools.check('pools'),
      () => this.pools.check('mail', 'mail'),
      () => this.transports.check(),
      () => this.eventLoop.check('loop', { maxDelayMs: 60_000 }),
    ]);
  }

  @Get('unknown')
  @HealthCheck()
  unknown(): Promise<HealthCheckResult> {
    return this.health.check([() => this.pools.check('billing', 'biling')]);
  }
}

const gateway = (): ReturnType<typeof GatewayModule.forRoot> =>
  GatewayModule.forRoot({ pools: { billing: {}, mail: {} } });

describe.each(platforms)("an app's own health check on $name", (platform) => {
  it('takes the indicators one by one, beside the ready-made probes', async () => {
    const app = await run(platform, {
      imports: [gateway(), TerminusModule, HealthModule.forRoot()],
      controllers: [MyHealthController],
    });
    await app.pools.get('mail')!.execute(() => 1);
    app.pools.update('mail', { circuit: 'forced-open' });
    expect(await app.get('/mine')).toMatchObject({
      status: 200,
      body: {
        status: 'degraded',
        details: {
          pools: { status: 'degraded', groups: { billing: {}, mail: {} } },
          mail: { status: 'degraded', groups: { mail: {} } },
          transports: { status: 'up' },
          loop: { status: 'up' },
        },
      },
    });
    expect(await app.get('/health/ready')).toMatchObject({ status: 200, body: { status: 'degraded' } });
  });

  it('takes them without the ready-made probes, as providers of the app', async () => {
    const app = await run(platform, {
      imports: [gateway(), TerminusModule],
      providers: [PoolHealthIndicator, TransportHealthIndicator, EventLoopHealthIndicator],
      controllers: [MyHealthController],
    });
    expect(await app.get('/mine')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await app.get('/health')).toMatchObject({ status: 404 });
  });

  it('is 503 for a pool that does not exist, and logs it as terminus does', async () => {
    const app = await run(platform, {
      imports: [gateway(), TerminusModule, HealthModule.forRoot()],
      controllers: [MyHealthController],
    });
    expect(await app.get('/mine/unknown')).toMatchObject({
      status: 503,
      body: { error: { billing: { message: 'there is no pool "biling" (there are: billing, mail)' } } },
    });
    expect(app.log).toEqual([expect.stringContaining('there is no pool')]);
  });
});
