import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExposedMethod, GatewayModule, type Outcome } from 'sallyport';
import { contend } from './contend.js';
import { SCENARIOS } from './scenarios.js';
import { StraightWire } from './straight-wire.js';

export const contender = contend(async (scenario) => {
  const wire = new StraightWire();

  @Module({
    imports: [GatewayModule.forRoot({ service: 'bench', transports: [wire] })],
    controllers: [SCENARIOS[scenario](ExposedMethod())],
  })
  class BenchModule {}

  const app = await NestFactory.createApplicationContext(BenchModule, { logger: false });
  const { host, route } = wire;
  return {
    dispatch: (message) => host.dispatch(route, message, { raw: message }),
    resultIn: (outcome) => valueOf(outcome as Outcome),
    close: () => app.close(),
  };
});

function valueOf(outcome: Outcome): unknown {
  if (!outcome.ok) throw outcome.error;
  return outcome.value;
}
