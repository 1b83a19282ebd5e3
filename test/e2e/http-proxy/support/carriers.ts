import type { AddressInfo } from 'node:net';
import type { INestApplication, INestApplicationContext, LoggerService, Type } from '@nestjs/common';
import { NestFactory, type AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { GatewayTransport } from 'sallyport';

/** What takes the connections of a gateway. */
export interface Carrier {
  readonly name: string;
  /** Undefined: the proxy listens by itself. */
  readonly adapter?: () => AbstractHttpAdapter;
}

export const ownListener: Carrier = { name: 'a listener of its own' };

export const fastify: Carrier = { name: 'Nest/Fastify', adapter: () => new FastifyAdapter() };
export const express: Carrier = { name: 'Nest/Express', adapter: () => new ExpressAdapter() };

/** The servers of an application, which the proxy shares with its controllers. */
export const appCarriers = [fastify, express];
export const carriers = [ownListener, ...appCarriers];

export interface Boot {
  readonly module: Type;
  readonly logger: LoggerService;
  readonly transport: GatewayTransport;
  prepare?(app: INestApplication): void;
  /** As soon as it can be closed. */
  created(app: INestApplicationContext): void;
}

/** The port it listens on. */
export async function boot(
  { adapter }: Carrier,
  { module, logger, transport, prepare, created }: Boot,
): Promise<number> {
  if (adapter === undefined) {
    created(await NestFactory.createApplicationContext(module, { logger, abortOnError: false }));
    return transport.health()['port'] as number;
  }
  const app = await NestFactory.create(module, adapter(), { logger, abortOnError: false });
  created(app);
  prepare?.(app);
  await app.listen(0, '127.0.0.1');
  return (app.getHttpServer().address() as AddressInfo).port;
}
