import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TerminusModule, type HealthIndicatorResult } from '@nestjs/terminus';
import { GatewayModule, PoolRegistry, type PoolOptions } from 'sallyport';
import { expect, it, onTestFinished } from 'vitest';
import { PoolHealthIndicator } from './pool.health.js';

interface Rig {
  pools: PoolRegistry;
  check(group?: string): Promise<HealthIndicatorResult[string]>;
}

async function rig(pools: Record<string, PoolOptions> = {}): Promise<Rig> {
  @Module({ imports: [GatewayModule.forRoot({ pools }), TerminusModule], providers: [PoolHealthIndicator] })
  class AppModule {}

  const app = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
  onTestFinished(() => app.close());
  const indicator = app.get(PoolHealthIndicator);
  return {
    pools: app.get(PoolRegistry),
    check: async (group) => (await indicator.check('pools', group))['pools']!,
  };
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

const fails = (): never => {
  throw new Error('no answer');
};

it('is up without pools', async () => {
  const { check } = await rig();
  expect(await check()).toEqual({ status: 'up', groups: {} });
});

it('tells what each pool has and does', async () => {
  const { pools, check } = await rig({ billing: { maxConcurrent: 2, maxQueue: 1 } });
  const done = deferred();
  const call = pools.get('billing')!.execute(() => done.promise, { key: 'charge' });
  expect(await check()).toEqual({
    status: 'up',
    groups: {
      billing: {
        running: 1,
        queued: 0,
        abandoned: 0,
        hung: 0,
        maxConcurrent: 2,
        maxQueue: 1,
        circuits: { charge: 'closed' },
      },
    },
  });
  done.resolve();
  await call;
});

it('is degraded by a circuit that failures opened, and names it', async () => {
  const { pools, check } = await rig({ billing: { breaker: { minimumCalls: 1, openForMs: 60_000 } } });
  await expect(pools.get('billing')!.execute(fails, { key: 'charge' })).rejects.toThrow('no answer');
  expect(await check()).toMatchObject({
    status: 'degraded',
    message: 'circuit "charge" of "billing" is open',
    groups: { billing: { circuits: { charge: 'open' } } },
  });
});

it.each([
  ['forced-open', 'degraded'],
  ['forced-closed', 'up'],
  ['auto', 'up'],
] as const)('takes a circuit that is %s for %s', async (circuit, status) => {
  const { pools, check } = await rig({ billing: {} });
  await pools.get('billing')!.execute(() => 1);
  pools.update('billing', { circuit });
  expect(await check()).toMatchObject({ status });
});

it('is degraded once the next call would be refused, not while calls only wait', async () => {
  const { pools, check } = await rig({ billing: { maxConcurrent: 1, maxQueue: 2 } });
  const done = deferred();
  const call = (): Promise<void> => pools.get('billing')!.execute(() => done.promise);
  const calls = [call(), call()];
  expect(await check()).toMatchObject({ status: 'up', groups: { billing: { running: 1, queued: 1 } } });
  calls.push(call());
  expect(await check()).toMatchObject({ status: 'degraded', message: '"billing" is full (1 running, 2 waiting)' });
  done.resolve();
  await Promise.all(calls);
  expect(await check()).toMatchObject({ status: 'up' });
});

it('keeps its message short, however much is wrong', async () => {
  const { pools, check } = await rig({ billing: {} });
  for (let key = 1; key <= 7; key++) await pools.get('billing')!.execute(() => key, { key: `k${key}` });
  pools.update('billing', { circuit: 'forced-open' });
  const { message } = await check();
  expect(message).toMatch(/^circuit "k1" .*; circuit "k5" of "billing" is forced-open; and 2 more$/);
});

it('looks at the one pool it is asked for', async () => {
  const { pools, check } = await rig({ billing: {}, mail: {} });
  for (const group of ['billing', 'mail']) await pools.get(group)!.execute(() => 1);
  pools.update('mail', { circuit: 'forced-open' });
  expect(await check('billing')).toMatchObject({ status: 'up', groups: { billing: {} } });
  expect(await check('mail')).toMatchObject({ status: 'degraded' });
  expect(await check()).toMatchObject({ status: 'degraded', groups: { billing: {}, mail: {} } });
});

it('is down for a pool that does not exist, and says which do', async () => {
  const { check } = await rig({ billing: {}, mail: {} });
  expect(await check('biling')).toEqual({
    status: 'down',
    message: 'there is no pool "biling" (there are: billing, mail)',
  });
});
