import { Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Events, GatewayModule, PoolRegistry } from 'sallyport';
import { onTestFinished } from 'vitest';
import { Handlers } from './handlers.js';
import type { Caller, WireUnderTest } from './wire-under-test.js';

export type MakeWire = () => WireUnderTest;

export interface UnderTest {
  readonly app: INestApplication;
  readonly wire: WireUnderTest;
  readonly handlers: Handlers;
  readonly caller: Caller;
  readonly pools: PoolRegistry;
  emit(name: string, body: unknown, options?: Parameters<Events['emit']>[2]): Promise<void>;
}

const pools = { narrow: { maxConcurrent: 1, maxQueue: 0 } };

/** An app that listens on one wire, and somebody who is connected to it; both end with the test. */
export async function listening(make: MakeWire): Promise<UnderTest> {
  const wire = make();
  @Module({
    imports: [
      GatewayModule.forRoot({ service: 'conforming', pools, transports: [wire.transport], trustContext: true }),
    ],
    providers: [Handlers],
  })
  class AppModule {}
  const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
  onTestFinished(() => app.close());
  await app.listen(0, '127.0.0.1');
  const caller = await wire.connect(app);
  onTestFinished(() => caller.close());
  const handlers = app.get(Handlers);
  const emit: UnderTest['emit'] = (name, body, options) =>
    app.get(Events).emit(name, body, { transports: [wire.transport.name], ...options });
  // A test that fails must not leave a handler waiting.
  onTestFinished(() => handlers.finish.resolve('over'));
  return { app, wire, handlers, caller, emit, pools: app.get(PoolRegistry) };
}

/** Slots that are taken and calls that wait, in all pools. */
export function busy({ pools: registry }: UnderTest): number {
  return registry.snapshot().reduce((sum, { running, queued }) => sum + running + queued, 0);
}
