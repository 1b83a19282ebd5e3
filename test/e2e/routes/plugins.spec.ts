import { BadRequestException } from '@nestjs/common';
import {
  AccessDeniedError,
  EventHandler,
  Events,
  ExposedMethod,
  GatewayPlugin,
  Plugins,
  type CallContext,
} from 'sallyport';
import { waitForCall } from 'sallyport/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { run } from './support/app.js';
import { steps, taken } from './support/steps.js';

beforeEach(() => void taken());

describe('plugins', () => {
  class Recorder extends GatewayPlugin {
    readonly name = 'recorder';

    override onServiceStart(): void {
      steps.push('start');
    }

    override onServiceStop(): void {
      steps.push('stop');
    }

    override onMethodCall(call: CallContext, payload: unknown): void {
      steps.push(`call ${call.route} ${JSON.stringify(payload)}`);
      if (call.route === 'shut') throw new AccessDeniedError('shut');
      if (call.route === 'fails') throw new Error('of the plugin');
    }

    override onInternalError(error: Error, call: CallContext): void {
      steps.push(`error ${call.route} ${error.message}`);
    }
  }

  class Doors {
    @ExposedMethod()
    open(door: string): string {
      return door;
    }
    @ExposedMethod()
    shut(): void {}
    @ExposedMethod()
    fails(): void {
      throw new BadRequestException('no door');
    }
    @EventHandler('opened')
    opened(): void {
      throw new Error('alarm');
    }
  }

  it('hear of method calls before the handler, may refuse them, and hear of what failed', async () => {
    const { wire, app, log } = await run({ providers: [Recorder, Doors] });
    expect(app.get(Plugins).get<Recorder>('recorder')).toBeInstanceOf(Recorder);
    expect(await wire.call('open', ['front'])).toBe('front');
    await expect(wire.call('shut', [])).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    await expect(wire.call('fails')).rejects.toMatchObject({ message: 'no door' });
    const opened = waitForCall(app, 'Doors.opened');
    await app.get(Events).emit('opened', {});
    await opened;
    await app.close();
    expect(taken()).toEqual([
      'start',
      'call open ["front"]',
      'call shut []',
      'call fails undefined',
      'error fails no door',
      'error Doors.opened alarm',
      'stop',
    ]);
    expect(log.filter((line) => line.startsWith('onMethodCall of recorder threw'))).toHaveLength(1);
  });
});
