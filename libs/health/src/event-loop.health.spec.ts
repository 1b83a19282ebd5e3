import { HealthIndicatorService } from '@nestjs/terminus';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventLoopHealthIndicator } from './event-loop.health.js';

describe('the health of the event loop', () => {
  let indicator: EventLoopHealthIndicator;

  beforeEach(() => {
    indicator = new EventLoopHealthIndicator(new HealthIndicatorService());
    indicator.onModuleInit();
  });

  afterEach(() => indicator.onModuleDestroy());

  it('is up while the loop comes round', async () => {
    expect(await indicator.check()).toEqual({
      eventLoop: { status: 'up', p99Ms: expect.any(Number), maxMs: expect.any(Number) },
    });
  });

  it('is degraded above 200 ms, or above what the caller allows', async () => {
    await stalledBy(300, indicator);
    const { p99Ms } = (await indicator.check())['eventLoop']!;
    expect(await indicator.check('loop')).toMatchObject({
      loop: { status: 'degraded', message: `the event loop is ${p99Ms} ms late (p99)`, p99Ms },
    });
    expect(await indicator.check('loop', {})).toMatchObject({ loop: { status: 'degraded' } });
    expect(await indicator.check('loop', { maxDelayMs: p99Ms })).toMatchObject({ loop: { status: 'up' } });
    expect(await indicator.check('loop', { maxDelayMs: p99Ms - 1 })).toMatchObject({ loop: { status: 'degraded' } });
  });

  it('measures nothing after its module was destroyed', async () => {
    const gone = new EventLoopHealthIndicator(new HealthIndicatorService());
    gone.onModuleInit();
    gone.onModuleDestroy();
    await stalledBy(50, indicator);
    expect(await gone.check()).toEqual({ eventLoop: { status: 'up', p99Ms: 0, maxMs: 0 } });
  });
});

async function stalledBy(ms: number, indicator: EventLoopHealthIndicator): Promise<void> {
  do {
    const end = performance.now() + ms;
    while (performance.now() < end);
    await new Promise((resolve) => setImmediate(resolve));
  } while ((await indicator.check())['eventLoop']!['p99Ms'] < ms / 2);
}
