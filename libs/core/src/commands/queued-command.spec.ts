import { Test } from '@nestjs/testing';
import { ManualClock } from 'sallyport/testing';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { currentCall } from '../call.js';
import { GatewayModule } from '../gateway.module.js';
import { PoolRegistry, type Pools } from '../pools/pool.registry.js';
import { Command } from './command.decorator.js';
import { Commands } from './commands.js';

type Work = () => unknown;

@Command({ group: 'work' })
class Job {
  async run(work: Work): Promise<unknown> {
    return work();
  }
}

@Command({ group: 'work', retry: { attempts: 2, backoffMs: 100, jitter: false } })
class Repeated {
  async run(work: Work): Promise<unknown> {
    return work();
  }
}

@Command({ group: 'work' })
class Covered {
  async run(work: Work, _instead: Work): Promise<unknown> {
    return work();
  }

  fallback(_error: Error, _work: Work, instead: Work): unknown {
    return instead();
  }
}

const clock = new ManualClock();
let commands: Commands;
let pools: Pools;

beforeEach(async () => {
  const imports = [GatewayModule.forRoot({ clock, pools: { work: { maxConcurrent: 1 } } })];
  const app = await Test.createTestingModule({ imports, providers: [Job, Repeated, Covered] }).compile();
  await app.init();
  commands = app.get(Commands);
  pools = app.get(PoolRegistry);
  return () => Promise.all([app.close(), clock.advance(10_000)]);
});

function deferred() {
  let resolve!: (value: unknown) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise((...settle) => ([resolve, reject] = settle));
  return { work: () => promise, resolve, reject };
}

const fails = (): never => {
  throw new Error('down');
};
const snapshot = () => pools.snapshot()[0]!;

describe('a queued command', () => {
  it('starts at once, waits for its slot, and says how far it is', async () => {
    const [one, two] = [deferred(), deferred()];
    const first = commands.queue(Job, one.work);
    const second = commands.queue(Job, two.work);
    expect([first.state, second.state]).toEqual(['running', 'queued']);
    one.resolve('one');
    expect(await first).toBe('one');
    expect([first.state, second.state]).toEqual(['succeeded', 'running']);
    two.reject(new Error('down'));
    await expect(second).rejects.toThrow('down');
    expect(second.state).toBe('failed');
  });

  it('has the id of its call', async () => {
    const queued = commands.queue(Job, () => currentCall().id);
    expect(await queued).toBe(queued.id);
  });

  it('is a promise, and what follows on it is an ordinary one', async () => {
    const queued = commands.queue(Job, () => 1);
    expect(queued).toBeInstanceOf(Promise);
    const next = queued.then((value) => [value]);
    expect(next.constructor).toBe(Promise);
    expect(await next).toEqual([1]);
  });

  it('is queued again while it waits for another attempt', async () => {
    const queued = commands.queue(Repeated, fails);
    await clock.advance(0);
    expect(queued.state).toBe('queued');
    await clock.advance(100);
    expect(queued.state).toBe('failed');
  });

  it('runs on while its fallback does, and has succeeded when that has', async () => {
    const instead = deferred();
    const queued = commands.queue(Covered, fails, instead.work);
    await clock.advance(0);
    expect(queued.state).toBe('running');
    instead.resolve('instead');
    expect(await queued).toBe('instead');
    expect(queued.state).toBe('succeeded');
  });
});

describe('cancel', () => {
  it('ends a call in its handler, aborts its signal, and keeps the slot until the handler has ended', async () => {
    const { work, resolve } = deferred();
    let signal!: AbortSignal;
    const queued = commands.queue(Job, () => ((signal = currentCall().signal), work()));
    expect([queued.cancel('bored'), queued.cancel('again')]).toEqual([true, false]);
    const error = await queued.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'CALL_CANCELLED', cause: 'bored' });
    expect([queued.state, signal.reason]).toEqual(['cancelled', error]);
    expect(snapshot()).toMatchObject({ running: 1, abandoned: 1 });
    resolve('late');
    await clock.advance(0);
    expect(snapshot()).toMatchObject({ running: 0, abandoned: 0 });
  });

  it('takes a call out of the queue, and its handler never runs', async () => {
    const { work, resolve } = deferred();
    const busy = commands.queue(Job, work);
    const never = vi.fn<Work>();
    const queued = commands.queue(Job, never);
    expect([queued.cancel(), snapshot().queued, queued.state]).toEqual([true, 0, 'cancelled']);
    resolve(1);
    await busy;
    await expect(queued).rejects.toMatchObject({ code: 'CALL_CANCELLED' });
    expect(never).not.toHaveBeenCalled();
  });

  it('ends the wait for another attempt', async () => {
    const work = vi.fn<Work>(fails);
    const queued = commands.queue(Repeated, work);
    await clock.advance(0);
    expect(queued.cancel()).toBe(true);
    await clock.advance(1_000);
    expect(work).toHaveBeenCalledTimes(1);
    await expect(queued).rejects.toMatchObject({ code: 'CALL_CANCELLED' });
  });

  it('asks no fallback, and ends one that runs', async () => {
    const instead = deferred();
    const early = commands.queue(Covered, deferred().work, () => 'instead');
    early.cancel();
    await expect(early).rejects.toMatchObject({ code: 'CALL_CANCELLED' });
    pools.update('work', { maxConcurrent: 2 });
    const late = commands.queue(Covered, fails, instead.work);
    await clock.advance(0);
    expect([late.state, late.cancel('bored'), late.state]).toEqual(['running', true, 'cancelled']);
    instead.resolve('too late');
    await expect(late).rejects.toMatchObject({ code: 'CALL_CANCELLED', cause: 'bored' });
  });

  it('is too late once the call has ended, well or badly', async () => {
    const well = commands.queue(Job, () => 1);
    const badly = commands.queue(Job, fails);
    await Promise.allSettled([well, badly]);
    expect([well.cancel(), badly.cancel(), well.state, badly.state]).toEqual([false, false, 'succeeded', 'failed']);
  });
});

describe('a rejection that nobody awaits', () => {
  it('is no unhandledRejection, however it came about', async () => {
    const unhandled = vi.fn<(reason: unknown) => void>();
    process.on('unhandledRejection', unhandled);
    onTestFinished(() => void process.off('unhandledRejection', unhandled));
    commands.queue(Job, fails);
    commands.queue(Job, deferred().work).cancel();
    commands.queue(Covered, fails, fails);
    await clock.advance(20_000);
    expect(unhandled).not.toHaveBeenCalled();
  });
});
