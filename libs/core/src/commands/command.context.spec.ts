import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { ManualClock } from 'sallyport/testing';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { currentCall, type CallContext } from '../call.js';
import { GatewayModule } from '../gateway.module.js';
import { Command } from './command.decorator.js';
import { Commands } from './commands.js';

type Work<T> = () => T | Promise<T>;

@Injectable()
class Steps {
  @Command({ group: 'middle', timeoutMs: 500 })
  async middle<T>(work: Work<T>): Promise<T> {
    return work();
  }

  @Command({ group: 'inner', timeoutMs: false })
  async inner<T>(work: Work<T>): Promise<T> {
    return work();
  }

  @Command({ group: 'bare', context: false })
  async bare<T>(work: Work<T>): Promise<T> {
    return work();
  }
}

/** As a class, since those are the commands that take call options. */
@Command({ group: 'outer', timeoutMs: 300 })
class Outer {
  run(work: Work<unknown>): unknown {
    return work();
  }
}

const clock = new ManualClock();
let steps: Steps;
let commands: Commands;

beforeAll(async () => {
  const imports = [GatewayModule.forRoot({ clock })];
  const app = await Test.createTestingModule({ imports, providers: [Steps, Outer] }).compile();
  await app.init();
  steps = app.get(Steps);
  commands = app.get(Commands);
  return () => Promise.all([app.close(), clock.advance(10_000)]);
});

const seen = currentCall;
const hangs = (): Promise<never> => new Promise(() => {});
const outer = <T>(work: Work<T>, options = {}) => commands.with(options).execute(Outer, work) as Promise<T>;

describe('a command inside a command', () => {
  it('inherits the deadline where its own is later, or where it has none', async () => {
    const [own, middle, inner] = await outer(async () => [seen(), await steps.middle(seen), await steps.inner(seen)]);
    expect(own.deadline).toBe(clock.now() + 300);
    expect([middle.deadline, inner.deadline]).toEqual([own.deadline, own.deadline]);
    expect(middle.signal).not.toBe(own.signal);
  });

  it('keeps its own deadline where that is earlier', async () => {
    const at = clock.now();
    const call = await outer(() => steps.middle(seen), { timeoutMs: 900 });
    expect(call.deadline).toBe(at + 500);
  });

  it('is left with what remains, not with a new start', async () => {
    const remaining = outer(async () => {
      await new Promise<void>((resolve) => clock.at(clock.now() + 200, resolve));
      return steps.middle(() => currentCall().remainingMs());
    });
    await clock.advance(200);
    expect(await remaining).toBe(100);
  });

  it('is the current call until it returns, and then the outer one is again', async () => {
    const routes: string[] = [];
    const note = (): void => void routes.push(currentCall().route);
    await outer(async () => {
      note();
      await steps.middle(async () => {
        note();
        await steps.inner(note);
        note();
      });
      note();
    });
    const [own, middle] = ['outer/Outer', 'middle/Steps.middle'];
    expect(routes).toEqual([own, middle, 'inner/Steps.inner', middle, own]);
  });

  it('has an id of its own and the correlation id of the outermost', async () => {
    const calls: CallContext[] = await outer(() =>
      Promise.all([seen(), steps.middle(seen), steps.middle(() => steps.inner(seen))]),
    );
    expect(new Set(calls.map(({ id }) => id)).size).toBe(3);
    expect(new Set(calls.map(({ correlationId }) => correlationId))).toEqual(new Set([calls[0]!.id]));
    expect((await outer(seen)).correlationId).not.toBe(calls[0]!.id);
  });

  it('inherits headers and traceparent, and adds its own over them', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const call = () => outer(seen, { headers: { 'X-USER': 'joe', accept: 'b' } });
    const given = { 'x-Tenant': 'acme', Accept: 'a', Traceparent: traceparent };
    const inner = await outer(() => steps.middle(call), { headers: given });
    expect(inner.headers).toEqual({ 'x-tenant': 'acme', 'x-user': 'joe', accept: 'b', traceparent });
    expect(inner.traceparent).toBe(traceparent);
    expect((await outer(() => steps.inner(seen), { headers: given })).traceparent).toBe(traceparent);
    expect((await outer(seen)).traceparent).toBeUndefined();
  });

  it('is cancelled with it, all the way down, each by its own signal', async () => {
    const signals: AbortSignal[] = [];
    const waits = (): Promise<never> => (signals.push(currentCall().signal), hangs());
    const errors: unknown[] = [];
    const note = (error: unknown): void => void errors.push(error);
    const queued = commands.queue(Outer, () => steps.middle(() => steps.inner(waits).catch(note)).catch(note));
    queued.cancel('bored');
    await expect(queued).rejects.toMatchObject({ code: 'CALL_CANCELLED', cause: 'bored' });
    expect(errors).toEqual(Array(2).fill(expect.objectContaining({ code: 'CALL_CANCELLED', cause: 'bored' })));
    expect(signals[0]!.reason).toMatchObject({ code: 'CALL_CANCELLED', cause: 'bored' });
  });

  it('times out with it, and its own signal says so', async () => {
    let signal!: AbortSignal;
    let error: unknown;
    const work = (): Promise<never> => ((signal = currentCall().signal), hangs());
    const answer = outer(() => steps.inner(work).catch((reason: unknown) => (error = reason)));
    const told = expect(answer).rejects.toMatchObject({ code: 'CALL_TIMEOUT', timeoutMs: 300 });
    await clock.advance(299);
    expect(signal.aborted).toBe(false);
    await clock.advance(1);
    await told;
    expect(signal.reason).toMatchObject({ code: 'CALL_TIMEOUT' });
    expect(error).toBe(signal.reason);
  });

  it('ends at once when its outer call is over already', async () => {
    const ran: string[] = [];
    const errors: unknown[] = [];
    const late = async (): Promise<void> => {
      await new Promise<void>((resolve) => currentCall().signal.addEventListener('abort', () => resolve()));
      await steps.inner(() => ran.push('inner')).catch((error: unknown) => errors.push(error));
    };
    const cancelled = commands.queue(Outer, late);
    cancelled.cancel('bored');
    const timedOut = outer(late).catch(() => undefined);
    await clock.advance(300);
    await timedOut;
    const codes = [{ code: 'CALL_CANCELLED', cause: 'bored' }, { code: 'CALL_TIMEOUT' }];
    expect(errors).toEqual(codes.map((code) => expect.objectContaining(code)));
    expect(ran).toEqual([]);
  });
});

describe('a command with context: false', () => {
  it('leaves the enclosing call the current one', async () => {
    const [own, bare] = await outer(async () => [seen(), await steps.bare(seen)]);
    expect(bare).toBe(own);
    expect((await steps.bare(seen)).route).toBe('');
  });

  it('is bounded by the deadline of the enclosing call all the same', async () => {
    const answer = outer(() => steps.bare(hangs).catch((error: unknown) => error));
    const told = expect(answer).rejects.toMatchObject({ code: 'CALL_TIMEOUT' });
    await clock.advance(300);
    await told;
    const refused = outer(() => steps.bare(hangs), { signal: AbortSignal.abort('bored') });
    await expect(refused).rejects.toMatchObject({ cause: 'bored' });
  });

  it('lets a cancel of the enclosing call through to the commands it calls', async () => {
    let signal!: AbortSignal;
    const waits = (): Promise<never> => ((signal = currentCall().signal), hangs());
    const queued = commands.queue(Outer, () => steps.bare(() => steps.inner(waits)));
    onTestFinished(() => void queued.cancel());
    queued.cancel('bored');
    expect(signal.reason).toMatchObject({ code: 'CALL_CANCELLED' });
    await expect(queued).rejects.toMatchObject({ cause: 'bored' });
  });
});
