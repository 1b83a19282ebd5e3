import { GatewayModule } from 'sallyport';
import { HealthModule } from 'sallyport/health';
import { describe, expect, it } from 'vitest';
import { platforms, run } from './support/app.js';
import { deferred } from '../../support/deferred.js';
import { Wire } from './support/wire.js';

describe.each(platforms)('the details on $name', (platform) => {
  it('say nothing about the inside unless they are asked for', async () => {
    const { get } = await runLeaking(false);
    expect((await get('/health')).body).toEqual({ status: 'error' });
    expect((await get('/health/ready')).body).toEqual({ status: 'error' });
    expect((await get('/health/startup')).body).toEqual({ status: 'ok' });
  });

  it('are the result of terminus, with what each pool and transport does', async () => {
    const { get } = await runLeaking(true);
    const { body } = await get('/health');
    expect(body).toEqual({
      status: 'error',
      info: {
        gateway: { status: 'up', phase: 'up' },
        pools: {
          status: 'degraded',
          message: 'circuit "charge" of "billing" is forced-open',
          groups: {
            billing: {
              running: 0,
              queued: 0,
              abandoned: 0,
              hung: 0,
              maxConcurrent: 3,
              maxQueue: 7,
              circuits: { charge: 'forced-open' },
            },
          },
        },
        eventLoop: expect.objectContaining({ p99Ms: expect.any(Number), maxMs: expect.any(Number) }),
      },
      error: {
        transports: {
          status: 'down',
          message: 'amqp is down',
          transports: [{ name: 'amqp', status: 'down', message: 'broker 10.0.0.7 is gone' }],
        },
      },
      details: {
        gateway: expect.any(Object),
        pools: expect.any(Object),
        transports: expect.any(Object),
        eventLoop: expect.any(Object),
      },
    });
  });

  it.each([
    ['/health/live', ['eventLoop']],
    ['/health/ready', ['gateway', 'pools', 'transports']],
    ['/health/startup', ['gateway']],
  ])('at %s are about %j', async (path, keys) => {
    const { get } = await runLeaking(true);
    expect(Object.keys((await get(path)).body.details).toSorted()).toEqual(keys);
  });

  it('tell while the app drains that it does, as the status does', async () => {
    const wire = new Wire();
    const { app, pools, get } = await run(platform, {
      imports: [
        GatewayModule.forRoot({ service: 'accounts', transports: [wire], pools: { billing: {} } }),
        HealthModule.forRoot({ details: true }),
      ],
    });
    const done = deferred();
    const call = pools.get('billing')!.execute(() => done.promise);
    const closed = app.close();
    await wire.stopping.promise;
    expect(await get('/health/ready')).toMatchObject({
      status: 503,
      body: { status: 'shutting_down', error: { gateway: { status: 'down', phase: 'draining' } } },
    });
    done.resolve();
    await Promise.all([call, closed]);
  });

  async function runLeaking(details: boolean): ReturnType<typeof run> {
    const wire = new Wire('amqp');
    const running = await run(platform, {
      imports: [
        GatewayModule.forRoot({
          service: 'accounts',
          transports: [wire],
          pools: { billing: { maxConcurrent: 3, maxQueue: 7 } },
        }),
        HealthModule.forRoot({ details }),
      ],
    });
    await running.pools.get('billing')!.execute(() => 1, { key: 'charge' });
    running.pools.update('billing', { circuit: 'forced-open' });
    wire.told = () => {
      throw new Error('broker 10.0.0.7 is gone');
    };
    return running;
  }
});
