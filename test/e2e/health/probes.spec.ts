import { Catch, VersioningType, type ExceptionFilter } from '@nestjs/common';
import { GatewayModule } from 'sallyport';
import { HealthModule } from 'sallyport/health';
import { ManualClock } from 'sallyport/testing';
import { describe, expect, it } from 'vitest';
import { platforms, run } from './support/app.js';
import { get } from './support/client.js';
import { deferred } from '../../support/deferred.js';
import { Wire } from './support/wire.js';

const ALIVE: unknown = expect.stringMatching(/^(ok|degraded)$/);
const PROBES = ['/health', '/health/live', '/health/ready', '/health/startup'];

const fails = (): never => {
  throw new Error('no answer');
};

describe.each(platforms)('the probes on $name', (platform) => {
  it.each(PROBES)('answer 200 at %s, with the status alone, not to be cached', async (path) => {
    const app = await run(platform, { imports: [GatewayModule.forRoot(), HealthModule.forRoot()] });
    const { status, headers, body } = await app.get(path);
    expect({ status, body }).toEqual({ status: 200, body: { status: fine(path) } });
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'content-type': expect.stringContaining('application/json'),
    });
  });

  it('answer HEAD as well', async () => {
    const { port } = await run(platform, { imports: [GatewayModule.forRoot(), HealthModule.forRoot()] });
    expect(await get(port, '/health/ready', false, 'HEAD')).toMatchObject({ status: 200, body: '' });
  });

  it.each(['/ops/health', 'ops/health', '/ops/health/'])('are at the path they are given: %s', async (path) => {
    const app = await run(platform, { imports: [GatewayModule.forRoot(), HealthModule.forRoot({ path })] });
    for (const probe of PROBES) expect(await app.get(`/ops${probe}`)).toMatchObject({ status: 200 });
    expect(await app.get('/health')).toMatchObject({ status: 404 });
  });

  it('can be at two paths, one of which tells more', async () => {
    const inside = HealthModule.forRoot({ path: '/internal/health', details: true });
    const app = await run(platform, { imports: [GatewayModule.forRoot(), HealthModule.forRoot(), inside] });
    expect((await app.get('/health')).body).toEqual({ status: fine('/health') });
    expect((await app.get('/internal/health')).body).toMatchObject({ status: fine('/health'), details: {} });
  });

  it('are below the global prefix and outside of every version', async () => {
    const app = await run(platform, {
      imports: [GatewayModule.forRoot(), HealthModule.forRoot()],
      prepare: (nest) =>
        nest.setGlobalPrefix('api').enableVersioning({ type: VersioningType.URI, defaultVersion: '2' }),
    });
    for (const path of PROBES) expect(await app.get(`/api${path}`)).toMatchObject({ status: 200 });
  });

  it('are degraded by a circuit that is forced open, and still 200', async () => {
    const app = await run(platform, {
      imports: [GatewayModule.forRoot({ pools: { billing: {} } }), HealthModule.forRoot()],
    });
    await app.pools.get('billing')!.execute(() => 1);
    app.pools.update('billing', { circuit: 'forced-open' });
    await expectDegraded(app);
    app.pools.update('billing', { circuit: 'auto' });
    expect(await app.get('/health/ready')).toMatchObject({ status: 200, body: { status: 'ok' } });
  });

  it('follow a circuit that failures open, while it is tried again, until it is closed', async () => {
    const clock = new ManualClock();
    const breaker = { minimumCalls: 2, openForMs: 1_000 };
    const app = await run(platform, {
      imports: [GatewayModule.forRoot({ clock, pools: { billing: { breaker } } }), HealthModule.forRoot()],
    });
    const billing = app.pools.get('billing')!;
    await expect(billing.execute(fails)).rejects.toThrow('no answer');
    expect(await app.get('/health/ready')).toMatchObject({ body: { status: 'ok' } });
    await expect(billing.execute(fails)).rejects.toThrow('no answer');
    await expectDegraded(app);
    await clock.advance(1_000);
    await expectDegraded(app);
    await billing.execute(() => 'back');
    expect(await app.get('/health/ready')).toMatchObject({ status: 200, body: { status: 'ok' } });
  });

  it('are degraded while a pool would refuse the next call', async () => {
    const app = await run(platform, {
      imports: [
        GatewayModule.forRoot({ pools: { billing: { maxConcurrent: 1, maxQueue: 1 } } }),
        HealthModule.forRoot(),
      ],
    });
    const done = deferred();
    const calls = [1, 2].map(() => app.pools.get('billing')!.execute(() => done.promise));
    await expectDegraded(app);
    done.resolve();
    await Promise.all(calls);
    expect(await app.get('/health/ready')).toMatchObject({ status: 200, body: { status: 'ok' } });
  });

  it('are degraded while a target hangs although its slot was taken from it', async () => {
    const clock = new ManualClock();
    const pools = { billing: { timeoutMs: 100, abandonAfterMs: 1_000 } };
    const app = await run(platform, { imports: [GatewayModule.forRoot({ clock, pools }), HealthModule.forRoot()] });
    const done = deferred();
    const call = app.pools.get('billing')!.execute(() => done.promise);
    await Promise.all([expect(call).rejects.toMatchObject({ code: 'CALL_TIMEOUT' }), clock.advance(100)]);
    expect(await app.get('/health/ready')).toMatchObject({ body: { status: 'ok' } });
    await clock.advance(1_000);
    await expectDegraded(app);
    done.resolve();
    await clock.advance(0);
    expect(await app.get('/health/ready')).toMatchObject({ body: { status: 'ok' } });
  });

  it('are 503 where a transport is down, which no restart cures', async () => {
    const wire = new Wire();
    const app = await run(platform, {
      imports: [GatewayModule.forRoot({ service: 'accounts', transports: [wire] }), HealthModule.forRoot()],
    });
    wire.told = () => ({ status: 'degraded' });
    await expectDegraded(app);
    wire.told = () => ({ status: 'down' });
    await expectDown();
    wire.told = () => {
      throw new Error('no channel');
    };
    await expectDown();
    wire.told = () => ({ status: 'up' });
    expect(await app.get('/health/ready')).toMatchObject({ status: 200, body: { status: 'ok' } });

    async function expectDown(): Promise<void> {
      for (const path of ['/health', '/health/ready']) {
        const { status, headers, body } = await app.get(path);
        expect({ status, body }).toEqual({ status: 503, body: { status: 'error' } });
        expect(headers['cache-control']).toBe('no-store');
      }
      for (const path of ['/health/live', '/health/startup']) {
        expect(await app.get(path)).toMatchObject({ status: 200, body: { status: fine(path) } });
      }
    }
  });

  it('are degraded while the event loop is late, and still 200', async () => {
    const app = await run(platform, { imports: [GatewayModule.forRoot(), HealthModule.forRoot()] });
    let live = await app.get('/health/live');
    while (live.body.status === 'ok') {
      stall(300);
      live = await app.get('/health/live');
    }
    expect(live).toMatchObject({ status: 200, body: { status: 'degraded' } });
    expect(await app.get('/health')).toMatchObject({ status: 200, body: { status: 'degraded' } });
    expect(await app.get('/health/ready')).toMatchObject({ status: 200, body: { status: 'ok' } });
  });

  it('say nothing in the log, and nothing to the filters of the app', async () => {
    const caught: unknown[] = [];
    @Catch()
    class Everything implements ExceptionFilter {
      catch(exception: unknown): void {
        caught.push(exception);
      }
    }
    const wire = new Wire();
    wire.told = () => ({ status: 'down' });
    const app = await run(platform, {
      imports: [GatewayModule.forRoot({ service: 'accounts', transports: [wire] }), HealthModule.forRoot()],
      prepare: (nest) => nest.useGlobalFilters(new Everything()),
    });
    for (const path of PROBES) await app.get(path);
    expect(await app.get('/health/ready')).toMatchObject({ status: 503, body: { status: 'error' } });
    expect({ log: app.log, caught }).toEqual({ log: [], caught: [] });
  });

  async function expectDegraded(app: { get(path: string): ReturnType<typeof get> }): Promise<void> {
    for (const path of ['/health', '/health/ready']) {
      expect(await app.get(path)).toMatchObject({ status: 200, body: { status: 'degraded' } });
    }
    for (const path of ['/health/live', '/health/startup']) {
      expect(await app.get(path)).toMatchObject({ status: 200, body: { status: fine(path) } });
    }
  }
});

/** What looks at the event loop may find it late where the machine has much to do. */
function fine(path: string): unknown {
  return path === '/health' || path === '/health/live' ? ALIVE : 'ok';
}

function stall(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
