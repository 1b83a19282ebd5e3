import { Injectable, NotFoundException } from '@nestjs/common';
import { RpcException } from '@nestjs/microservices';
import {
  AccessDeniedError,
  Attempt,
  backoff,
  constant,
  currentCall,
  EventHandler,
  Events,
  ExposedMethod,
  InvalidCallError,
  PoolRegistry,
  type AttemptRecord,
  type CallContext,
  type MessageTranslator,
} from 'sallyport';
import { ManualClock, waitForCall } from 'sallyport/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { run } from './support/app.js';
import { steps, taken } from './support/steps.js';

beforeEach(() => void taken());

describe('an event that fails', () => {
  @Injectable()
  class Payments {
    failures = Infinity;
    callbackFails = false;

    @EventHandler('paid', { backoff: backoff({ maxRetries: 2, intervalMs: constant(100) }), callback: 'lost' })
    paid(payload: { order: number }, context: CallContext): void {
      steps.push(`attempt ${context.attempt} of ${payload.order} at ${Math.round(clock.now())}`);
      if (this.failures-- > 0) throw new RangeError('no funds');
    }

    lost(payload: { order: number }, error: Error, attempt: AttemptRecord): void {
      steps.push(`lost ${payload.order}: ${error.message}, ${attempt.count} retries, ${attempt.error!.type}`);
      if (this.callbackFails) throw new Error('the callback too');
    }

    @EventHandler('told')
    told(): void {
      throw new Error('nobody waits for this');
    }

    @EventHandler('numbered', { backoff: backoff({ maxRetries: 1, intervalMs: 10 }) })
    numbered(@Attempt() { count, error }: AttemptRecord): void {
      steps.push(`${count} ${error?.message}`);
      throw new Error(`failure ${count}`);
    }
  }

  let clock = new ManualClock();

  async function boot(fields: Partial<Payments> = {}) {
    clock = new ManualClock();
    const running = await run({ providers: [Payments], gateway: { clock } });
    Object.assign(running.app.get(Payments), fields);
    return { ...running, emit: (name: string) => running.app.get(Events).emit(name, { order: 7 }) };
  }

  it('is tried again as its backoff says, without a slot meanwhile, and then it is over', async () => {
    const { app, emit } = await boot({ failures: 1 });
    await emit('paid');
    await clock.advance(99);
    expect(app.get(PoolRegistry).get('default')!.snapshot().running).toBe(0);
    await clock.advance(1_000);
    expect(taken()).toEqual(['attempt 1 of 7 at 0', 'attempt 2 of 7 at 100']);
  });

  it('has its callback called once when its attempts are used up, which settles it', async () => {
    const { app, emit, log } = await boot();
    const third = waitForCall(app, 'Payments.paid', { count: 3 });
    await emit('paid');
    await clock.advance(1_000);
    await third;
    expect(taken()).toEqual([
      'attempt 1 of 7 at 0',
      'attempt 2 of 7 at 100',
      'attempt 3 of 7 at 200',
      'lost 7: no funds, 2 retries, RangeError',
    ]);
    expect(log).toEqual([]);
  });

  it('has the failure of its callback logged and reported, and its own too', async () => {
    const { emit, log } = await boot({ callbackFails: true });
    await emit('paid');
    await clock.advance(1_000);
    expect(log).toHaveLength(2);
    expect(log[0]).toMatch(/^lost, the callback of Payments.paid, failed Error: the callback too/);
    expect(log[1]).toMatch(/^Payments.paid failed RangeError: no funds/);
  });

  it('is logged, since nobody waits for it', async () => {
    const { app, emit, log } = await boot();
    const over = waitForCall(app, 'Payments.told');
    await emit('told');
    expect((await over).outcome).toMatchObject({ ok: false, error: { message: 'nobody waits for this' } });
    expect(log).toEqual([expect.stringMatching(/^Payments.told failed Error: nobody waits for this/)]);
  });

  it('is told what became of the attempt before', async () => {
    const { emit } = await boot();
    await emit('numbered');
    await clock.advance(100);
    expect(taken()).toEqual(['0 undefined', '1 failure 0']);
  });

  it('is not waited for at shutdown: its callback is called then, before any provider is destroyed', async () => {
    const { app, emit } = await boot();
    await emit('paid');
    await clock.advance(10);
    const closed = app.close();
    await clock.advance(1);
    expect(taken()).toEqual(['attempt 1 of 7 at 0', 'lost 7: no funds, 0 retries, RangeError']);
    await clock.advance(5_000);
    await closed;
  });
});

describe('a method that fails', () => {
  @Injectable()
  class Methods {
    tries = 0;

    @ExposedMethod()
    throws(): never {
      throw new Error('secret of the house');
    }

    @ExposedMethod()
    onPurpose(): never {
      throw new RpcException({ reason: 'closed', until: 8 });
    }

    @ExposedMethod()
    notFound(): never {
      throw new NotFoundException();
    }

    @ExposedMethod()
    denied(): never {
      throw new AccessDeniedError('not for you');
    }

    @ExposedMethod({ backoff: backoff({ maxRetries: 3, intervalMs: 1 }) })
    flaky(): number {
      if (++this.tries < 3) throw new Error('again');
      return this.tries;
    }

    @ExposedMethod({ timeoutMs: 50, backoff: backoff({ maxRetries: Infinity, intervalMs: 20 }) })
    hopeless(): never {
      this.tries++;
      throw new Error('never');
    }
  }

  it('has its error logged once where it is none of the caller, and only there', async () => {
    const { wire, log } = await run({ providers: [Methods] });
    await expect(wire.call('throws')).rejects.toMatchObject({ code: 'REMOTE_ERROR', message: 'secret of the house' });
    await expect(wire.call('onPurpose')).rejects.toMatchObject({ data: { reason: 'closed', until: 8 } });
    await expect(wire.call('notFound')).rejects.toMatchObject({ remoteCode: 'NotFoundException' });
    await expect(wire.call('denied')).rejects.toMatchObject({ code: 'ACCESS_DENIED', origin: 'remote' });
    expect(log).toEqual([expect.stringMatching(/^Methods.throws failed Error: secret of the house\n/)]);
  });

  it('is tried again while its caller waits, and no longer', async () => {
    const { wire, app } = await run({ providers: [Methods] });
    expect(await wire.call('flaky')).toBe(3);
    await expect(wire.call('hopeless')).rejects.toMatchObject({ message: 'never' });
    expect(app.get(Methods).tries).toBeLessThan(8);
  });
});

describe('translators', () => {
  @Injectable()
  class Trimming implements MessageTranslator {
    async translate(message: unknown, context: CallContext): Promise<unknown> {
      steps.push(`trim for ${context.route}, ${context === currentCall()}`);
      return (message as string[]).map((one) => one.trim());
    }
  }
  const doubling = { translate: (message: unknown) => [...(message as string[]), ...(message as string[])] };
  const failing = { translate: () => Promise.reject(new SyntaxError('not XML')) };
  const refusing = {
    translate: () => {
      throw new InvalidCallError('too long', [{ path: '0', message: 'is too long' }]);
    },
  };

  @Injectable()
  class Words {
    @ExposedMethod({ translators: [Trimming, doubling] })
    say(...words: string[]): string {
      return words.join('|');
    }

    @ExposedMethod({ translators: [failing] })
    xml(): void {
      steps.push('handler');
    }

    @ExposedMethod({ translators: [refusing] })
    long(): void {}

    @EventHandler('said', { translators: [doubling], filter: (words: string[]) => words.length > 2 })
    said(words: string[]): void {
      steps.push(words.join('|'));
    }
  }

  it('are applied in their order, sync or async, instances or providers', async () => {
    const { wire } = await run({ providers: [Words, Trimming] });
    expect(await wire.call('say', [' a ', 'b '])).toBe('a|b|a|b');
    expect(taken()).toEqual(['trim for say, true']);
  });

  it('that throw make the call an invalid one, with the cause, and no failure', async () => {
    const { wire, app, log } = await run({ providers: [Words, Trimming] });
    const over = waitForCall(app, 'xml');
    await expect(wire.call('xml')).rejects.toMatchObject({ code: 'INVALID_CALL' });
    expect((await over).outcome).toMatchObject({ error: { code: 'INVALID_CALL', cause: { message: 'not XML' } } });
    await expect(wire.call('long')).rejects.toMatchObject({ issues: [{ path: '0', message: 'is too long' }] });
    expect(taken()).toEqual([]);
    expect(log).toEqual([]);
    const { circuits } = app.get(PoolRegistry).get('default')!.snapshot();
    expect(circuits.find(({ key }) => key === 'xml')!.counts).toMatchObject({ refused: 1, failed: 0 });
  });

  it('come before the filter of an event, which settles what it does not want', async () => {
    const { app } = await run({ providers: [Words, Trimming] });
    const both = waitForCall(app, 'Words.said', { count: 2 });
    await app.get(Events).emit('said', ['a']);
    await app.get(Events).emit('said', ['a', 'b']);
    expect((await both).outcome).toMatchObject({ ok: true });
    expect(taken()).toEqual(['a|b|a|b']);
  });
});
