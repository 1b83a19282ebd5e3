import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { GatewayModule, type GatewayOptions } from 'sallyport';
import {
  EventLoopHealthIndicator,
  HealthModule,
  PoolHealthIndicator,
  TransportHealthIndicator,
} from 'sallyport/health';
import { describe, expect, it, onTestFinished } from 'vitest';

type HealthOptions = Parameters<typeof HealthModule.forRoot>[0];

const root = fileURLToPath(new URL('../../..', import.meta.url));

describe('an app with health', () => {
  it('does not start with bad options, and is told each of them', async () => {
    const options = { path: 1, details: 'no', detials: true } as unknown as HealthOptions;
    await expect(booted([GatewayModule.forRoot(), HealthModule.forRoot(options)])).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      problems: [{ path: 'health.path' }, { path: 'health.details' }, { path: 'health.detials' }],
    });
  });

  it('does not start without GatewayModule, and is told so', async () => {
    await expect(booted([HealthModule.forRoot()])).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringContaining('import GatewayModule.forRoot() in its root module'),
    });
  });

  it.each([PoolHealthIndicator, TransportHealthIndicator])('tells the same of %o alone', async (indicator) => {
    await expect(booted([TerminusModule.forRoot()], [indicator])).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
    });
  });

  it.each([0, 1])('blames what is wrong where GatewayModule is there but has bad options', async (first) => {
    const imports = [HealthModule.forRoot(), GatewayModule.forRoot({ strictPool: true } as GatewayOptions)];
    await expect(booted(first === 0 ? imports : imports.toReversed())).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      problems: [{ path: 'strictPool' }],
    });
  });

  it('waits for a GatewayModule whose options come later', async () => {
    const later = GatewayModule.forRootAsync({ useFactory: async () => ({ pools: { billing: {} } }) });
    const app = await booted([HealthModule.forRoot(), later]);
    expect(await app.get(PoolHealthIndicator).check('pools', 'billing')).toMatchObject({ pools: { status: 'up' } });
    await app.close();
  });

  it('needs no HTTP for its indicators', async () => {
    const app = await booted([GatewayModule.forRoot(), HealthModule.forRoot()]);
    expect(await app.get(TransportHealthIndicator).check()).toMatchObject({ transports: { status: 'up' } });
    expect(await app.get(EventLoopHealthIndicator).check()).toMatchObject({ eventLoop: { p99Ms: expect.any(Number) } });
    await app.close();
  });

  it('ends its process by itself, also when nobody closed it', async () => {
    const program = `
      import 'reflect-metadata';
      import { NestFactory } from '@nestjs/core';
      import { GatewayModule } from 'sallyport';
      import { HealthModule } from 'sallyport/health';
      class AppModule {}
      const imports = [GatewayModule.forRoot(), HealthModule.forRoot()];
      await NestFactory.createApplicationContext({ module: AppModule, imports }, { logger: ['error'] });
      console.log('booted');`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { cwd: root });
    onTestFinished(() => void child.kill());
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
    const [code] = await once(child, 'close');
    expect({ code, said }).toEqual({ code: 0, said: 'booted\n' });
  });
});

function booted(
  imports: DynamicModule[],
  providers: Provider[] = [],
): ReturnType<typeof NestFactory.createApplicationContext> {
  @Module({ imports, providers })
  class AppModule {}
  return NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
}
