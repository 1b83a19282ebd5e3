import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { cron, currentCall, every, PoolRegistry, Route, type CallContext } from 'sallyport';
import { ManualClock } from 'sallyport/testing';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { deferred } from '../../support/deferred.js';
import { run } from './support/app.js';
import { steps, taken } from './support/steps.js';

let clock: ManualClock;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 0 });
  onTestFinished(() => void vi.useRealTimers());
  clock = new ManualClock();
  taken();
});

const boot = (type: any) => run({ providers: [type], gateway: { clock }, wired: false });

describe('a timer', () => {
  it('runs its handler with the scheduled time and nothing else, in its pool, without any wire', async () => {
    @Injectable()
    class Jobs {
      @Route(every(1_000), { pool: 'jobs' })
      tick(...args: unknown[]): void {
        const { transport, route } = currentCall();
        steps.push(`${args.join()} ${transport} ${route}`);
      }

      @Route(cron('* * * * *', { timeZone: 'UTC' }))
      @Route(every(25_000, { eager: true }))
      both(scheduledAt: string): void {
        steps.push(`both ${scheduledAt}`);
      }
    }
    const { app } = await boot(Jobs);
    await clock.advance(1_000);
    expect(taken()).toEqual(['both 1970-01-01T00:00:00.000Z', '1970-01-01T00:00:01.000Z timer Jobs.tick']);
    expect(app.get(PoolRegistry).get('jobs')!.snapshot().circuits).toMatchObject([{ counts: { succeeded: 1 } }]);
    await clock.advance(59_000);
    expect(taken().filter((step) => step.startsWith('both'))).toEqual([
      'both 1970-01-01T00:00:25.000Z',
      'both 1970-01-01T00:00:50.000Z',
      'both 1970-01-01T00:01:00.000Z',
    ]);
  });

  it('never overlaps itself, not even after a timeout', async () => {
    const finish = deferred();
    @Injectable()
    class Jobs {
      @Route(every(100), { timeoutMs: 50 })
      async tick(): Promise<void> {
        steps.push(`begins at ${clock.now()}`);
        await finish.promise;
      }
    }
    const { log } = await boot(Jobs);
    await clock.advance(1_000);
    expect(taken()).toEqual(['begins at 100']);
    finish.resolve();
    await clock.advance(100);
    expect(taken()).toEqual(['begins at 1100']);
    expect(log[0]).toMatch(/^Jobs.tick, due 1970-01-01T00:00:00.100Z, failed CallTimeoutError/);
  });

  it('is awaited at shutdown, before any provider is destroyed, and ticks no more', async () => {
    const finish = deferred();
    @Injectable()
    class Jobs implements OnModuleDestroy {
      @Route(every(100))
      async tick(): Promise<void> {
        await finish.promise;
        steps.push('finished');
      }

      onModuleDestroy(): void {
        steps.push('destroyed');
      }
    }
    const { app } = await boot(Jobs);
    await clock.advance(100);
    const closed = app.close();
    await clock.advance(500);
    expect(taken()).toEqual([]);
    finish.resolve();
    await closed;
    expect(taken()).toEqual(['finished', 'destroyed']);
  });

  it('has its time counted from the start of the handler, though it waited for a slot', async () => {
    const finish = deferred();
    @Injectable()
    class Jobs {
      @Route(every(100), { pool: 'one' })
      async first(): Promise<void> {
        await finish.promise;
      }

      @Route(every(100), { pool: 'one' })
      second(): void {
        steps.push(`${currentCall().remainingMs()} left`);
      }
    }
    const pools = { one: { maxConcurrent: 1, maxQueue: 0, timeoutMs: 5_000 } };
    await run({ providers: [Jobs], gateway: { clock, pools }, wired: false });
    await clock.advance(1_000);
    expect(taken()).toEqual([]);
    finish.resolve();
    await clock.advance(0);
    expect(taken()).toEqual(['5000 left']);
  });

  it('is logged when it fails, once', async () => {
    @Injectable()
    class Jobs {
      @Route(every(100))
      tick(_scheduledAt: string, context?: CallContext): void {
        throw new Error(`failed, ${typeof context}`);
      }
    }
    const { log } = await boot(Jobs);
    await clock.advance(100);
    expect(log).toEqual([expect.stringMatching(/^Jobs.tick, due .* failed Error: failed, undefined/)]);
  });
});
