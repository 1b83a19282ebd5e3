import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GatewayModule } from 'sallyport';
import { httpProxy } from 'sallyport/http-proxy';
import type { Serve } from '../../harness/server.js';

/** Breaker, pool and context as they are by default. */
export const serve: Serve = async (upstream) => {
  const transport = httpProxy({ proxies: [{ match: '/*path', upstream }], port: 0 });

  @Module({ imports: [GatewayModule.forRoot({ service: 'bench', transports: [transport] })] })
  class BenchModule {}

  await NestFactory.createApplicationContext(BenchModule, { logger: false });
  return { port: transport.health().port as number };
};
