import { get } from 'node:http';
import { connect } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { Controller, Get, type INestApplication, Module, Res } from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { GatewayModule, type GatewayTransport } from 'sallyport';
import { describe, expect, it } from 'vitest';

const never = new Promise<never>(() => {});
let begun = (): void => {};

/** What a response of Express and a reply of Fastify can be asked for. */
interface Answering {
  raw?: NodeJS.WritableStream;
  hijack?(): void;
}

@Controller()
class Handlers {
  @Get('hang')
  hang(): Promise<never> {
    begun();
    return never;
  }

  @Get('stream')
  stream(@Res() response: Answering): void {
    response.hijack?.();
    (response.raw ?? (response as NodeJS.WritableStream)).write('the first chunk of many');
    begun();
  }
}

async function listening(adapter: AbstractHttpAdapter, transports: GatewayTransport[] = []): Promise<INestApplication> {
  const gateway = GatewayModule.forRoot({ service: 'drained', transports, shutdown: { graceMs: 200 } });
  @Module({ imports: [gateway], controllers: [Handlers] })
  class AppModule {}
  const app = await NestFactory.create(AppModule, adapter, { logger: false, abortOnError: false });
  await app.listen(0, '127.0.0.1');
  return app;
}

const portOf = (app: INestApplication): number => (app.getHttpServer().address() as AddressInfo).port;

/** Each of these never resolved, or killed the process, before the drain was bounded. */
describe.each([
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
])('app.close() on %s', (_name, adapter) => {
  it.each(['hang', 'stream'])('ends although the response of /%s never does', async (path) => {
    const app = await listening(adapter());
    const started = new Promise<void>((resolve) => (begun = resolve));
    const request = get({ port: portOf(app), path: `/${path}` });
    const broken = new Promise((resolve) => {
      request.on('error', resolve);
      request.on('response', (response) => response.on('error', resolve).resume());
    });
    await started;
    await app.close();
    expect(await broken).toMatchObject({ code: 'ECONNRESET' });
  });

  it('answers for a moment longer where nothing runs, so that a probe can see that it is leaving', async () => {
    const app = await listening(adapter());
    const port = portOf(app);
    const closed = app.close();
    const [response] = await once(get({ port, path: '/nothing', agent: false }), 'response');
    expect(response.statusCode).toBe(404);
    expect(response.headers.connection).toBe('close');
    await closed;
    const [refused] = await new Promise<unknown[]>((resolve) =>
      get({ port, agent: false }).on('error', (...told) => resolve(told)),
    );
    expect(refused).toMatchObject({ code: 'ECONNREFUSED' });
  });
});

it('ends HTTP/2 sessions that are idle', async () => {
  const app = await listening(new FastifyAdapter({ http2: true }));
  const session = connect(`http://127.0.0.1:${portOf(app)}`);
  await once(session, 'connect');
  const closed = once(session, 'close');
  await app.close();
  await closed;
  expect(session.destroyed).toBe(true);
});

it.each(['stopIntake', 'close'] as const)('ends although a transport hangs in %s()', async (verb) => {
  const done = async (): Promise<void> => {};
  const health = (): { status: 'up' } => ({ status: 'up' });
  const wire = { name: 'hung', kinds: [], start: done, stopIntake: done, close: done, health, [verb]: () => never };
  const app = await listening(new ExpressAdapter(), [wire]);
  await expect(app.close()).resolves.toBeUndefined();
});
