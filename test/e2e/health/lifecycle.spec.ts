import { once } from 'node:events';
import { Agent } from 'node:http';
import { Controller, Get, Injectable, type INestApplication } from '@nestjs/common';
import { Command, GatewayModule } from 'sallyport';
import { HealthModule } from 'sallyport/health';
import { describe, expect, it, onTestFinished } from 'vitest';
import { create, platforms, portOf, run, type Platform, type Running } from './support/app.js';
import { get, type Reply } from './support/client.js';
import { deferred, type Deferred } from '../../support/deferred.js';
import { Wire } from './support/wire.js';

describe.each(platforms)('an app that starts on $name', (platform) => {
  it('is neither started nor ready until every transport is, but lives', async () => {
    const [first, second] = [new Wire('first'), new Wire('second')];
    const opened = deferred();
    second.opened = opened.promise;
    const transports = [first, second];
    const { app } = await create(platform, {
      imports: [GatewayModule.forRoot({ service: 'accounts', transports }), HealthModule.forRoot()],
    });
    const { initialised } = await listenEarly(app, second);
    const statuses = async (): Promise<Record<string, [number, string]>> =>
      statusesOf((path) => get(portOf(app), path));

    expect(await statuses()).toEqual({
      '/health': [503, 'error'],
      '/health/live': [200, expect.any(String)],
      '/health/ready': [503, 'error'],
      '/health/startup': [503, 'error'],
    });
    opened.resolve();
    await initialised;
    expect(await statuses()).toEqual({
      '/health': [200, expect.any(String)],
      '/health/live': [200, expect.any(String)],
      '/health/ready': [200, 'ok'],
      '/health/startup': [200, 'ok'],
    });
  });
});

describe.each(platforms)('an app that drains on $name', (platform) => {
  it('is not ready but lives and finishes what it accepted, and then is gone', async () => {
    const { app, port, slow, wire } = await runSlow(platform);
    const reply = get(port, '/slow');
    await slow.begun.promise;
    const closed = app.close();
    await wire.stopping.promise;

    expect(await statusesOf((path) => get(port, path))).toEqual({
      '/health': [503, 'shutting_down'],
      '/health/live': [200, expect.any(String)],
      '/health/ready': [503, 'shutting_down'],
      '/health/startup': [200, 'ok'],
    });
    slow.done.resolve();
    expect(await reply).toMatchObject({ status: 200, body: 'done' });
    await closed;
    await expect(get(port, '/health/live')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('closes the connections that clients would keep', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const { app, port, slow, wire } = await runSlow(platform);
    expect((await get(port, '/health/ready', agent)).headers.connection).toBe('keep-alive');
    const reply = get(port, '/slow');
    await slow.begun.promise;
    const closed = app.close();
    await wire.stopping.promise;

    const { status, headers } = await get(port, '/health/ready', agent);
    expect({ status, connection: headers.connection }).toEqual({ status: 503, connection: 'close' });
    slow.done.resolve();
    await Promise.all([reply, closed]);
  });
});

interface SlowApp extends Running {
  slow: { begun: Deferred; done: Deferred };
  wire: Wire;
}

/** An app with a command over HTTP that ends when the test says so. */
async function runSlow(platform: Platform): Promise<SlowApp> {
  const slow = { begun: deferred(), done: deferred() };
  const wire = new Wire();

  @Injectable()
  class Slow {
    @Command({ group: 'slow', timeoutMs: false })
    async work(): Promise<string> {
      slow.begun.resolve();
      await slow.done.promise;
      return 'done';
    }
  }

  @Controller('slow')
  class SlowController {
    constructor(private readonly command: Slow) {}

    @Get()
    work(): Promise<string> {
      return this.command.work();
    }
  }

  const running = await run(platform, {
    imports: [GatewayModule.forRoot({ service: 'accounts', transports: [wire] }), HealthModule.forRoot()],
    controllers: [SlowController],
    providers: [Slow],
  });
  return { ...running, slow, wire };
}

/** Listens while the initialisation waits for `wire`, as one does who wants to be probed from the beginning. */
async function listenEarly(app: INestApplication, wire: Wire): Promise<{ initialised: Promise<unknown> }> {
  const initialised = app.init();
  await wire.starting.promise;
  await app.getHttpAdapter().getInstance().ready?.();
  await once(app.getHttpServer().listen(0, '127.0.0.1'), 'listening');
  return { initialised };
}

async function statusesOf(probe: (path: string) => Promise<Reply>): Promise<Record<string, [number, string]>> {
  const statuses: Record<string, [number, string]> = {};
  for (const path of ['/health', '/health/live', '/health/ready', '/health/startup']) {
    const { status, body } = await probe(path);
    statuses[path] = [status, body.status];
  }
  return statuses;
}
