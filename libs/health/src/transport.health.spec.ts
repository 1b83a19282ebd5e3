import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TerminusModule, type HealthIndicatorResult } from '@nestjs/terminus';
import { GatewayModule, type GatewayTransport, type TransportHealth } from 'sallyport';
import { expect, it, onTestFinished } from 'vitest';
import { TransportHealthIndicator } from './transport.health.js';

async function checked(...transports: GatewayTransport[]): Promise<HealthIndicatorResult[string]> {
  @Module({
    imports: [GatewayModule.forRoot({ service: 'accounts', transports }), TerminusModule],
    providers: [TransportHealthIndicator],
  })
  class AppModule {}

  const app = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
  onTestFinished(() => app.close());
  return (await app.get(TransportHealthIndicator).check('wires'))['wires']!;
}

function wire(name: string, health: () => TransportHealth): GatewayTransport {
  const done = async (): Promise<void> => {};
  return { name, kinds: [], start: done, stopIntake: done, close: done, health };
}

const up = wire('amqp', () => ({ status: 'up', connections: 1 }));
const degraded = wire('zeromq', () => ({ status: 'degraded', blocked: true }));
const down = wire('json-rpc', () => ({ status: 'down' }));

it('is up without transports', async () => {
  expect(await checked()).toEqual({ status: 'up', transports: [] });
});

it('is up when every transport is, and passes on what they tell', async () => {
  expect(await checked(up)).toEqual({
    status: 'up',
    transports: [{ name: 'amqp', status: 'up', connections: 1 }],
  });
});

it('is degraded when one is', async () => {
  expect(await checked(up, degraded)).toMatchObject({ status: 'degraded', message: 'zeromq is degraded' });
});

it('is down when one is, whatever the order', async () => {
  const message = 'zeromq is degraded; json-rpc is down';
  expect(await checked(up, degraded, down)).toMatchObject({ status: 'down', message });
  expect(await checked(down, up, up)).toMatchObject({ status: 'down', message: 'json-rpc is down' });
});

it('takes a transport that throws for down, and tells why', async () => {
  const broken = wire('amqp', () => {
    throw new Error('no channel');
  });
  expect(await checked(broken)).toEqual({
    status: 'down',
    message: 'amqp is down',
    transports: [{ name: 'amqp', status: 'down', message: 'no channel' }],
  });
});

it.each([{}, { status: 'fine' }, { status: 'toString' }, undefined, Promise.resolve({ status: 'up' })])(
  'takes a transport that answers %o for down',
  async (answer) => {
    expect(await checked(wire('amqp', () => answer as TransportHealth))).toMatchObject({
      status: 'down',
      transports: [{ status: 'down', message: expect.any(String) }],
    });
  },
);

it('keeps two transports of one name apart', async () => {
  const { transports } = await checked(up, up);
  expect(transports).toHaveLength(2);
});
