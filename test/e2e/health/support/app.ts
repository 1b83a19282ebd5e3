import type { AddressInfo } from 'node:net';
import { Module, type INestApplication, type ModuleMetadata, type Type } from '@nestjs/common';
import { NestFactory, type AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { PoolRegistry } from 'sallyport';
import { onTestFinished } from 'vitest';
import { get, type Reply } from './client.js';

export interface Platform {
  readonly name: string;
  adapter(): AbstractHttpAdapter;
}

export const platforms: Platform[] = [
  { name: 'Express', adapter: () => new ExpressAdapter() },
  { name: 'Fastify', adapter: () => new FastifyAdapter() },
];

export interface Running {
  readonly app: INestApplication;
  readonly pools: PoolRegistry;
  readonly port: number;
  /** What was logged since it runs. */
  readonly log: string[];
  get(path: string): Promise<Reply>;
}

export interface Setup extends ModuleMetadata {
  /** Before the app is initialised. */
  prepare?(app: INestApplication): void;
}

/** An application that a test has not begun to initialise; closed when the test is over. */
export async function create(
  { adapter }: Platform,
  { prepare, ...metadata }: Setup,
): Promise<{ app: INestApplication; log: string[] }> {
  const log: string[] = [];
  const write = (line: unknown): void => void log.push(String(line));
  const logger = { log: () => {}, warn: write, error: write, fatal: write };
  const app = await NestFactory.create(moduleOf(metadata), adapter(), { logger, abortOnError: false });
  onTestFinished(() => app.close());
  prepare?.(app);
  return { app, log };
}

/** The same, listening. */
export async function run(platform: Platform, setup: Setup): Promise<Running> {
  const { app, log } = await create(platform, setup);
  await app.listen(0, '127.0.0.1');
  const port = portOf(app);
  return { app, log, port, pools: app.get(PoolRegistry), get: (path) => get(port, path) };
}

export function portOf(app: INestApplication): number {
  return (app.getHttpServer().address() as AddressInfo).port;
}

function moduleOf(metadata: ModuleMetadata): Type {
  @Module(metadata)
  class AppModule {}
  return AppModule;
}
