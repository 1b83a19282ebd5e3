import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { GatewayModule } from 'sallyport';
import { httpProxy } from 'sallyport/http-proxy';
import type { AddressInfo } from 'node:net';
import type { Serve } from '../../harness/server.js';

/** On the application's own server, ahead of Fastify. */
export const serve: Serve = async (upstream) => {
  @Module({
    imports: [
      GatewayModule.forRoot({
        service: 'bench',
        transports: [httpProxy({ proxies: [{ match: '/*path', upstream }] })],
      }),
    ],
  })
  class BenchModule {}

  const app = await NestFactory.create<NestFastifyApplication>(BenchModule, new FastifyAdapter(), { logger: false });
  await app.listen(0, '127.0.0.1');
  return { port: (app.getHttpServer().address() as AddressInfo).port };
};
