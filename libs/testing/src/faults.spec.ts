import { getEventListeners } from 'node:events';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Command, Commands, GatewayModule, currentCall } from 'sallyport';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { faults, type Fault } from './faults.js';
import { ManualClock } from './manual-clock.js';

@Injectable()
class Target {
  play: ReturnType<typeof faults> = faults([]);

  run(...args: unknown[]): Promise<unknown> {
    return this.play(...args);
  }
}

@Command({ group: 'target', timeoutMs: 100 })
class Play {
  signal: AbortSignal | undefined;

  constructor(private readonly target: Target) {}

  run(...args: unknown[]): Promise<unknown> {
    this.signal = currentCall().signal;
    return this.target.run(...args);
  }
}

async function boot(script: Fault[]) {
  const clock = new ManualClock();
  const imports = [GatewayModule.forRoot({ clock })];
  const app = await Test.createTestingModule({ imports, providers: [Target, Play] }).compile();
  onTestFinished(async () => void (await Promise.all([app.close(), clock.advance(10_000)])));
  await app.init();
  app.get(Target).play = faults(script);
  return { clock, commands: app.get(Commands), play: app.get(Play), target: app.get(Target) };
}

/** Of the script alone: the app is on a clock of its own. */
function useFakeTimers(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
}

describe('faults', () => {
  it('answers with its first argument, when the script says ok and when it is over', async () => {
    const target = faults(['ok']);
    expect(await target('a', 'b')).toBe('a');
    expect(await target('c')).toBe('c');
    expect(await target()).toBeUndefined();
  });

  it('plays one line for each call', async () => {
    const error = new TypeError('mine');
    const target = faults(['throw', 'ok', error, 'throw']);
    const calls = ['a', 'b', 'c', 'd', 'e'].map((name) => target(name));
    expect(await Promise.allSettled(calls)).toMatchObject([
      { reason: { message: 'call 1 fails by script' } },
      { value: 'b' },
      { reason: error },
      { reason: { message: 'call 4 fails by script' } },
      { value: 'e' },
    ]);
  });

  it('leaves the script as it was, so that two targets can play it', async () => {
    const script: Fault[] = ['throw', 'ok'];
    await expect(faults(script)('a')).rejects.toThrow('call 1');
    await expect(faults(script)('a')).rejects.toThrow('call 1');
    expect(script).toEqual(['throw', 'ok']);
  });

  it('hangs until its caller is told "timeout", and then still', async () => {
    const { clock, commands } = await boot(['hang']);
    const answer = commands.execute(Play, 'a');
    const told = expect(answer).rejects.toMatchObject({ code: 'CALL_TIMEOUT' });
    await clock.advance(100);
    await told;
  });

  it('answers after a delay, and listens to nothing any more', async () => {
    const { commands, play } = await boot([{ delayMs: 50 }]);
    useFakeTimers();
    const queued = commands.queue(Play, 'late');
    vi.advanceTimersByTime(49);
    expect(queued.state).toBe('running');
    vi.advanceTimersByTime(1);
    expect(await queued).toBe('late');
    expect(getEventListeners(play.signal!, 'abort')).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends a delay early when the call is called off, and leaves no timer', async () => {
    const { commands } = await boot([{ delayMs: 60_000 }]);
    useFakeTimers();
    const queued = commands.queue(Play, 'never');
    expect(vi.getTimerCount()).toBe(1);
    queued.cancel('bored');
    await expect(queued).rejects.toMatchObject({ code: 'CALL_CANCELLED' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not begin a delay in a call that was called off before', async () => {
    const { commands, target } = await boot([]);
    const play = faults([{ delayMs: 60_000 }]);
    let outcome: unknown;
    target.play = async () => {
      await null;
      queued.cancel('bored');
      outcome = await play().catch((error: unknown) => error);
    };
    const queued = commands.queue(Play);
    await expect(queued).rejects.toMatchObject({ code: 'CALL_CANCELLED' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(outcome).toMatchObject({ code: 'CALL_CANCELLED', cause: 'bored' });
  });
});
