import type { AddressInfo } from 'node:net';
import { Module, type INestApplication, type INestApplicationContext, type Provider } from '@nestjs/common';
import { NestFactory, type AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { GatewayModule, type Clock, type GatewayTransport, type PoolOptions } from 'sallyport';
import { jsonRpc, type JsonRpcOptions } from 'sallyport/json-rpc';
import { onTestFinished } from 'vitest';

/** What takes the connections of a service. */
export interface Carrier {
  readonly name: string;
  /** Undefined: the transport listens by itself. */
  readonly adapter?: () => AbstractHttpAdapter;
}

export const ownListener: Carrier = { name: 'a listener of its own' };
export const fastify: Carrier = { name: 'Nest/Fastify', adapter: () => new FastifyAdapter() };
export const express: Carrier = { name: 'Nest/Express', adapter: () => new ExpressAdapter() };

export const carriers = [ownListener, fastify, express];

export interface ServiceSetup {
  /** @default a listener of its own */
  carrier?: Carrier;
  options?: JsonRpcOptions;
  /** Instead of `jsonRpc(options)`. */
  transport?: (own: { port?: number }) => GatewayTransport;
  providers?: Provider[];
  controllers?: (new (...args: any[]) => object)[];
  pools?: Record<string, PoolOptions>;
  trustContext?: boolean;
  graceMs?: number;
  clock?: Clock;
  /** Of an app, before it is initialised. */
  prepare?(app: INestApplication): void;
}

export interface RunningService {
  readonly app: INestApplicationContext;
  readonly port: number;
  readonly transport: GatewayTransport;
  /** Warnings and errors that were logged. */
  readonly log: string[];
}

/** A service in this process, closed with the test. */
export async function startService(setup: ServiceSetup): Promise<RunningService> {
  const { carrier = ownListener, options, pools, trustContext, clock, graceMs = 500 } = setup;
  const { providers, controllers, prepare } = setup;
  const own = carrier.adapter === undefined ? { port: 0 } : {};
  const transport = setup.transport?.(own) ?? jsonRpc({ ...own, ...options });
  const shutdown = { graceMs };
  const gateway = { service: 'accounts', transports: [transport], pools, trustContext, shutdown, clock };
  @Module({ imports: [GatewayModule.forRoot(gateway)], providers, controllers })
  class AppModule {}
  const log: string[] = [];
  const write = (line: unknown): void => void log.push(String(line));
  const logger = { log: () => {}, warn: write, error: write, fatal: write };
  if (carrier.adapter === undefined) {
    const app = await NestFactory.createApplicationContext(AppModule, { logger, abortOnError: false });
    onTestFinished(() => app.close());
    return { app, port: transport.health()['port'] as number, transport, log };
  }
  const app = await NestFactory.create(AppModule, carrier.adapter(), { logger, abortOnError: false });
  onTestFinished(() => app.close());
  prepare?.(app);
  await app.listen(0, '127.0.0.1');
  return { app, port: (app.getHttpServer().address() as AddressInfo).port, transport, log };
}
