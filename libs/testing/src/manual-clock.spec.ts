import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Command, GatewayModule, type GatewayError } from 'sallyport';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock } from './manual-clock.js';

let clock: ManualClock;
let log: string[];

beforeEach(() => {
  clock = new ManualClock();
  log = [];
});

/** Notes when it goes off, and what promises made of it. */
const alarm =
  (name: string): (() => void) =>
  () =>
    void log.push(`${name} at ${clock.now()}`);

describe('ManualClock', () => {
  it('stands still until it is told to move', async () => {
    clock.at(0, alarm('due'));
    expect(clock.now()).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect([clock.now(), log]).toEqual([0, []]);
    await clock.advance(0);
    expect([clock.now(), log]).toEqual([0, ['due at 0']]);
  });

  it('goes from alarm to alarm in their order, and no further than told', async () => {
    clock.at(30, alarm('c'));
    clock.at(10, alarm('a'));
    clock.at(20, alarm('b'));
    clock.at(20.5, alarm('later'));
    await clock.advance(20);
    expect([clock.now(), log]).toEqual([20, ['a at 10', 'b at 20']]);
    await clock.advance(100);
    expect([clock.now(), log.slice(2)]).toEqual([120, ['later at 20.5', 'c at 30']]);
  });

  it('sets off alarms of one time in the order they were set', async () => {
    for (const name of ['first', 'second', 'third']) clock.at(5, alarm(name));
    await clock.advance(5);
    expect(log).toEqual(['first at 5', 'second at 5', 'third at 5']);
  });

  it('sets off each alarm once, and none that was called off', async () => {
    const callOff = clock.at(5, alarm('never'));
    const late = clock.at(6, alarm('once'));
    callOff();
    callOff();
    await clock.advance(10);
    late();
    await clock.advance(10);
    expect(log).toEqual(['once at 6']);
  });

  it('lets the promises of one alarm run on before the next one goes off', async () => {
    clock.at(10, () => void chain().then(() => log.push(`settled at ${clock.now()}`)));
    clock.at(20, alarm('next'));
    await clock.advance(20);
    expect(log).toEqual(['settled at 10', 'next at 20']);
  });

  it('lets what ran before it was moved settle first', async () => {
    void chain().then(() => clock.at(clock.now() + 5, alarm('set by a promise')));
    await clock.advance(5);
    expect(log).toEqual(['set by a promise at 5']);
  });

  it('goes on to the alarms that alarms set, where they are due', async () => {
    clock.at(10, () => {
      clock.at(15, alarm('inner'));
      clock.at(10, alarm('at once'));
      clock.at(3, alarm('overdue'));
      clock.at(21, alarm('beyond'));
    });
    await clock.advance(20);
    expect(log).toEqual(['overdue at 10', 'at once at 10', 'inner at 15']);
  });

  it.each([-1, NaN, Infinity])('refuses to advance by %d', async (ms) => {
    await expect(clock.advance(ms)).rejects.toThrow(RangeError);
    await expect(clock.advance(ms)).rejects.toThrow(`a clock cannot advance by ${ms} ms`);
    expect(clock.now()).toBe(0);
  });

  it('is the time of an app that is given it', async () => {
    @Injectable()
    class Users {
      @Command({ group: 'users', timeoutMs: 60_000 })
      load(): Promise<never> {
        return new Promise(() => {});
      }
    }
    const imports = [GatewayModule.forRoot({ clock })];
    const app = await Test.createTestingModule({ imports, providers: [Users] }).compile();
    onTestFinished(async () => void (await Promise.all([app.close(), clock.advance(10_000)])));
    await app.init();
    const codes: string[] = [];
    const call = app.get(Users).load();
    const told = call.catch((error: GatewayError) => codes.push(error.code));
    await clock.advance(59_999);
    expect(codes).toEqual([]);
    await clock.advance(1);
    expect(codes).toEqual(['CALL_TIMEOUT']);
    await told;
  });
});

/** Takes many turns of the microtask queue. */
async function chain(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await null;
}
