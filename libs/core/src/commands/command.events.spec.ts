import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { ManualClock } from 'sallyport/testing';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { currentCall } from '../call.js';
import { GatewayModule } from '../gateway.module.js';
import { PoolRegistry } from '../pools/pool.registry.js';
import { Telemetry, type CallEvent } from '../telemetry.js';
import { Command } from './command.decorator.js';
import { Commands } from './commands.js';

type Work = () => unknown;
const down = new Error('down');

@Injectable()
class Steps {
  @Command({ group: 'steps', key: 'plain' })
  async plain(work: Work): Promise<unknown> {
    return work();
  }

  @Command({ group: 'steps', key: 'bare', context: false })
  async bare(work: Work): Promise<unknown> {
    return work();
  }

  @Command({ group: 'steps', key: 'covered', fallback: () => 'instead' })
  async covered(work: Work): Promise<unknown> {
    return work();
  }

  @Command({ group: 'steps', key: 'lenient', isFailure: () => false })
  async lenient(work: Work): Promise<unknown> {
    return work();
  }

  @Command({ group: 'steps', key: 'again', retry: { attempts: 2, backoffMs: 50, jitter: false, when: () => true } })
  async again(work: Work): Promise<unknown> {
    return work();
  }
}

@Command({ group: 'steps', key: 'job' })
class Job {
  run(work: Work): unknown {
    return work();
  }
}

const clock = new ManualClock();
const EVENTS = ['callStarted', 'callSucceeded', 'callFailed', 'callTimedOut', 'callRefused', 'callCancelled'] as const;

let steps: Steps;
let commands: Commands;
let pools: PoolRegistry;
let heard: [name: string, event: CallEvent][];

beforeEach(async () => {
  const pool = { maxConcurrent: 1, maxQueue: 1, timeoutMs: 100 };
  const imports = [GatewayModule.forRoot({ clock, pools: { steps: pool } })];
  const app = await Test.createTestingModule({ imports, providers: [Steps, Job] }).compile();
  await app.init();
  steps = app.get(Steps);
  commands = app.get(Commands);
  pools = app.get(PoolRegistry);
  const telemetry = app.get(Telemetry);
  heard = [];
  for (const name of [...EVENTS, 'callRetried', 'fallbackUsed'] as const) {
    telemetry.on(name, (event) => heard.push([name, { ...event }]));
  }
  return () => Promise.all([app.close(), clock.advance(10_000)]);
});

const names = (): string[] => heard.map(([name]) => name);
const after = (ms: number) => new Promise<void>((resolve) => clock.at(clock.now() + ms, resolve));
const hangs = (): Promise<never> => new Promise(() => {});
const fails = (): never => {
  throw down;
};
/** Calls off what was begun, whatever comes of it, once `ms` have passed. */
const passing = (ms: number, ...calls: Promise<unknown>[]): Promise<unknown> =>
  Promise.all([Promise.allSettled(calls), clock.advance(ms)]);

describe('what is told of a call', () => {
  it('that succeeded: how long it waited, how long it took, and which it was', async () => {
    let call: unknown;
    const first = steps.plain(() => after(30));
    const second = steps.plain(() => ((call = currentCall()), after(20)));
    await passing(50, first, second);
    expect(names()).toEqual(['callStarted', 'callSucceeded', 'callStarted', 'callSucceeded']);
    const common = { group: 'steps', key: 'plain', call, error: undefined, waitedMs: 30 };
    expect(heard[2]![1]).toEqual({ ...common, durationMs: 0 });
    expect(heard[3]![1]).toEqual({ ...common, durationMs: 20 });
  });

  it('that failed: with its error', async () => {
    await passing(
      10,
      steps.plain(() => after(10).then(fails)),
    );
    expect(names()).toEqual(['callStarted', 'callFailed']);
    expect(heard[1]![1]).toMatchObject({ key: 'plain', error: down, durationMs: 10, waitedMs: 0 });
  });

  it('that was answered with an error that is none', async () => {
    await passing(0, steps.lenient(fails));
    expect(names()).toEqual(['callStarted', 'callSucceeded']);
    expect(heard[1]![1]).toMatchObject({ error: down });
  });

  it('that timed out, in its handler and before it', async () => {
    await passing(100, steps.plain(hangs), steps.plain(hangs));
    expect(names()).toEqual(['callStarted', 'callTimedOut', 'callTimedOut']);
    const error = expect.objectContaining({ code: 'CALL_TIMEOUT' });
    expect(heard[1]![1]).toMatchObject({ error, durationMs: 100 });
    expect(heard[2]![1]).toMatchObject({ error, durationMs: 0 });
  });

  it('that was refused: by the bulkhead and by the circuit', async () => {
    const calls = [steps.plain(hangs), steps.plain(hangs), steps.plain(hangs)];
    pools.update('steps', { circuit: 'forced-open', key: 'bare' });
    await passing(0, calls[2]!, steps.bare(hangs));
    expect(names()).toEqual(['callStarted', 'callRefused', 'callRefused']);
    expect(heard[1]![1]).toMatchObject({ key: 'plain', error: { code: 'BULKHEAD_FULL' }, durationMs: 0, waitedMs: 0 });
    expect(heard[2]![1]).toMatchObject({ key: 'bare', error: { code: 'CIRCUIT_OPEN' } });
    await passing(100, ...calls);
  });

  it('that was repeated: each time but the first', async () => {
    const work = vi.fn<Work>(() => 'well').mockImplementationOnce(fails);
    await passing(50, steps.again(work));
    expect(names()).toEqual(['callStarted', 'callRetried', 'callSucceeded']);
    expect(heard[1]![1]).toMatchObject({ key: 'again', error: down, call: { attempt: 2 } });
    expect(heard[2]![1]).toMatchObject({ durationMs: 0, waitedMs: 50 });
  });

  it('that was repeated because it had been refused: that it started, once it does', async () => {
    const busy = [steps.plain(() => after(20)), steps.plain(() => after(20))];
    await passing(
      50,
      ...busy,
      steps.again(() => 'well'),
    );
    const own = heard.filter(([, { key }]) => key === 'again').map(([name]) => name);
    expect(own).toEqual(['callRetried', 'callStarted', 'callSucceeded']);
  });

  it('that a fallback answered: how it ended first', async () => {
    await passing(0, steps.covered(fails));
    expect(names()).toEqual(['callStarted', 'callFailed', 'fallbackUsed']);
    expect(heard[2]![1]).toMatchObject({ key: 'covered', error: down });
    heard.length = 0;
    await passing(100, steps.covered(hangs));
    expect(names()).toEqual(['callStarted', 'callTimedOut', 'fallbackUsed']);
  });

  it('that was cancelled', async () => {
    const queued = commands.queue(Job, hangs);
    queued.cancel('bored');
    await passing(0, queued);
    expect(names()).toEqual(['callStarted', 'callCancelled']);
    expect(heard[1]![1]).toMatchObject({ key: 'job', error: { code: 'CALL_CANCELLED', cause: 'bored' } });
  });

  it('with context: false is told with the enclosing call', async () => {
    let outer: unknown;
    pools.update('steps', { maxConcurrent: 2 });
    heard.length = 0;
    await passing(
      0,
      steps.plain(() => ((outer = currentCall()), steps.bare(() => 1))),
    );
    const [, inside] = heard;
    expect(inside![1]).toMatchObject({ key: 'bare' });
    expect(inside![1].call).toBe(outer);
  });
});
