import { Module, type INestApplication, type ModuleMetadata, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GatewayModule, type GatewayOptions } from 'sallyport';
import { inMemory } from 'sallyport/testing';
import { onTestFinished } from 'vitest';

export type Wire = ReturnType<typeof inMemory>;

export interface Running {
  readonly app: INestApplication;
  readonly wire: Wire;
  /** What was logged as a warning or an error since it began to start. */
  readonly log: string[];
}

export interface Setup extends ModuleMetadata {
  readonly gateway?: GatewayOptions;
  /** False: it has no wire at all. */
  readonly wired?: boolean;
  /** Before the app is initialised. */
  prepare?(app: INestApplication): void;
}

/** An application whose only wire is in memory; closed when the test is over. */
export async function run(setup: Setup): Promise<Running> {
  const { gateway = {}, wired = true, prepare, imports = [], ...metadata } = setup;
  const wire = inMemory();
  const { transports = [], ...options } = gateway;
  const wires = wired ? [wire, ...transports] : transports;
  const module = GatewayModule.forRoot({ service: 'here', transports: wires, ...options });
  const log: string[] = [];
  const write = (...lines: unknown[]): void => void log.push(lines.join(' '));
  const logger = { log: () => {}, warn: write, error: write, fatal: write };
  const app = await NestFactory.create(moduleOf({ ...metadata, imports: [module, ...imports] }), {
    logger,
    abortOnError: false,
  });
  onTestFinished(() => app.close());
  prepare?.(app);
  await app.init();
  return { app, wire, log };
}

export function moduleOf(metadata: ModuleMetadata): Type {
  @Module(metadata)
  class AppModule {}
  return AppModule;
}
