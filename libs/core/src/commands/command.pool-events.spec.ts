import { Injectable, Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { ManualClock } from 'sallyport/testing';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { GatewayModule } from '../gateway.module.js';
import { PoolRegistry } from '../pools/pool.registry.js';
import { Telemetry, type TelemetryEvents } from '../telemetry.js';
import { Command } from './command.decorator.js';

const fails = (): never => {
  throw new Error('down');
};

@Injectable()
class Steps {
  @Command({ group: 'steps', key: 'fragile', breaker: { minimumCalls: 1, openForMs: 1_000 } })
  async fragile(work: () => unknown): Promise<unknown> {
    return work();
  }

  @Command({ group: 'steps', key: 'covered', fallback: () => 'instead' })
  async covered(work: () => unknown): Promise<unknown> {
    return work();
  }
}

const CALLS = ['callStarted', 'callSucceeded', 'callFailed', 'fallbackUsed'] as const;
const EVENTS = [...CALLS, 'circuitOpened', 'circuitHalfOpened', 'circuitClosed', 'poolResized'] as const;

const clock = new ManualClock();
let steps: Steps;
let pools: PoolRegistry;
let telemetry: Telemetry;
let heard: [name: string, event: TelemetryEvents[(typeof EVENTS)[number]]][];

beforeEach(async () => {
  const imports = [GatewayModule.forRoot({ clock, pools: { steps: { maxConcurrent: 1 } } })];
  const app = await Test.createTestingModule({ imports, providers: [Steps] }).compile();
  await app.init();
  steps = app.get(Steps);
  pools = app.get(PoolRegistry);
  telemetry = app.get(Telemetry);
  heard = [];
  for (const name of EVENTS) telemetry.on(name, (event) => heard.push([name, event]));
  return () => app.close();
});

describe('what is told of a pool', () => {
  it('is that a circuit opened, is tried and closed, between the calls that did it', async () => {
    await expect(steps.fragile(fails)).rejects.toThrow('down');
    await clock.advance(1_000);
    await steps.fragile(() => 1);
    expect(heard.map(([name]) => name)).toEqual([
      'callStarted',
      'circuitOpened',
      'callFailed',
      'circuitHalfOpened',
      'callStarted',
      'circuitClosed',
      'callSucceeded',
    ]);
    for (const index of [1, 3, 5]) expect(heard[index]![1]).toEqual({ group: 'steps', key: 'fragile' });
  });

  it('is that it was resized', () => {
    pools.update('steps', { maxConcurrent: 3 });
    expect(heard).toEqual([['poolResized', { group: 'steps', maxConcurrent: 3 }]]);
  });
});

describe('a listener that throws', () => {
  it('changes nothing for the call, and is logged', async () => {
    const log = vi.spyOn(Logger.prototype, 'error').mockReturnValue();
    onTestFinished(() => log.mockRestore());
    for (const name of EVENTS) telemetry.on(name, fails);
    expect(await steps.fragile(() => 7)).toBe(7);
    expect(await steps.covered(fails)).toBe('instead');
    expect(log).toHaveBeenCalledTimes(5);
    expect(pools.snapshot()[0]).toMatchObject({ running: 0, queued: 0 });
  });
});
