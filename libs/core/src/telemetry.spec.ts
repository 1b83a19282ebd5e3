import { Logger } from '@nestjs/common';
import { beforeEach, describe, expect, expectTypeOf, it, onTestFinished, vi } from 'vitest';
import type { CallContext } from './call.js';
import { Telemetry, type CallEvent, type TelemetryEvents } from './telemetry.js';

const resized = { group: 'billing', maxConcurrent: 3 };
let telemetry: Telemetry;

beforeEach(() => {
  telemetry = new Telemetry();
});

describe('Telemetry', () => {
  it('tells each listener of an event, in the order they came, and nobody else', () => {
    const told: unknown[] = [];
    telemetry.on('poolResized', (event) => told.push(['first', event]));
    telemetry.on('poolResized', (event) => told.push(['second', event]));
    telemetry.on('drained', () => told.push('another'));
    telemetry.emit('poolResized', resized);
    expect(told).toEqual([
      ['first', resized],
      ['second', resized],
    ]);
  });

  it('tells a listener nothing more once it is off, also where it says so itself', () => {
    const told: string[] = [];
    const off = telemetry.on('poolResized', () => told.push('first'));
    const once = telemetry.on('poolResized', () => (told.push('once'), once()));
    telemetry.on('poolResized', () => told.push('last'));
    telemetry.emit('poolResized', resized);
    off();
    off();
    telemetry.emit('poolResized', resized);
    expect(told).toEqual(['first', 'once', 'last', 'last']);
  });

  it('knows whether anybody listens, so that a call need not be measured for nobody', () => {
    expect(telemetry.heard).toBe(false);
    const off = [telemetry.on('callStarted', () => {}), telemetry.on('drained', () => {})];
    expect(telemetry.heard).toBe(true);
    off[0]!();
    expect(telemetry.heard).toBe(true);
    off[1]!();
    expect(telemetry.heard).toBe(false);
  });

  it('logs what a listener throws, and tells the others', () => {
    const log = vi.spyOn(Logger.prototype, 'error').mockReturnValue();
    onTestFinished(() => log.mockRestore());
    const told = vi.fn<() => void>();
    const error = new Error('listener');
    telemetry.on('poolResized', () => {
      throw error;
    });
    telemetry.on('poolResized', told);
    expect(() => telemetry.emit('poolResized', resized)).not.toThrow();
    expect(told).toHaveBeenCalledTimes(1);
    expect(log.mock.calls).toEqual([['A listener of poolResized threw', error.stack]]);
  });

  it('logs what an async listener rejects with, which is no unhandledRejection', async () => {
    const log = vi.spyOn(Logger.prototype, 'error').mockReturnValue();
    const unhandled = vi.fn<(reason: unknown) => void>();
    process.on('unhandledRejection', unhandled);
    onTestFinished(() => void (log.mockRestore(), process.off('unhandledRejection', unhandled)));
    telemetry.on('poolResized', async () => {
      throw new Error('listener');
    });
    telemetry.emit('poolResized', resized);
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).not.toHaveBeenCalled();
    expect(log.mock.calls).toEqual([['A listener of poolResized threw', expect.stringContaining('listener')]]);
  });

  it('keeps two listeners apart that are one function', () => {
    const listener = vi.fn<() => void>();
    const off = telemetry.on('poolResized', listener);
    telemetry.on('poolResized', listener);
    off();
    telemetry.emit('poolResized', resized);
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('is typed by the name of the event', () => {
    const use = (): void => {
      telemetry.on('callSucceeded', (event) => expectTypeOf(event).toEqualTypeOf<Readonly<CallEvent>>());
      telemetry.on('drained', (event) => expectTypeOf(event).toEqualTypeOf<Readonly<{ cut: number }>>());
      // @ts-expect-error -- there is no such event
      telemetry.on('callsucceeded', () => {});
      // @ts-expect-error -- an event is for all its listeners
      telemetry.on('drained', (event) => (event.cut = 1));
      // @ts-expect-error -- a pool is not drained
      telemetry.emit('drained', resized);
    };
    expectTypeOf(use).toBeFunction();
    expectTypeOf<TelemetryEvents['fallbackUsed']['call']>().toEqualTypeOf<CallContext>();
  });
});
