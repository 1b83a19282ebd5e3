import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { BaseRpcContext, MessagePattern, type MicroserviceOptions } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { contend } from './contend.js';
import { SCENARIOS } from './scenarios.js';
import { StraightServer } from './straight-server.js';

export const contender = contend(async (scenario) => {
  const strategy = new StraightServer();

  @Module({ controllers: [SCENARIOS[scenario](MessagePattern('run'))] })
  class BenchModule {}

  const app = await NestFactory.createMicroservice<MicroserviceOptions>(BenchModule, { strategy, logger: false });
  await app.listen();
  const { handler } = strategy;
  return {
    dispatch: (message) => handler(message, new BaseRpcContext([message])).then(lastValue),
    close: () => app.close(),
  };
});

/** What every transport of Nest has to do, since with interceptors it is given an Observable. */
function lastValue(result: unknown): unknown {
  return isObservable(result) ? lastValueFrom(result) : result;
}
