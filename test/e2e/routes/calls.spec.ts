import {
  Injectable,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { concat, defer, NEVER, of, type Observable } from 'rxjs';
import { Command, currentCall, ExposedMethod, PoolRegistry, type CallContext } from 'sallyport';
import { ManualClock } from 'sallyport/testing';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { deferred, type Deferred } from '../../support/deferred.js';
import { run } from './support/app.js';
import { steps, taken } from './support/steps.js';

let clock: ManualClock;
let finish: Deferred;
beforeEach(() => {
  clock = new ManualClock();
  finish = deferred();
  taken();
});

@Injectable()
class Inner {
  @Command({ group: 'inner', timeoutMs: 10_000 })
  async remaining(): Promise<number> {
    return currentCall().remainingMs();
  }

  @Command({ group: 'inner' })
  hang(): Promise<void> {
    currentCall().signal.addEventListener('abort', () => steps.push('inner aborted'));
    return finish.promise;
  }
}

@Injectable()
class Outer {
  begun = deferred<CallContext>();

  constructor(private readonly inner: Inner) {}

  @ExposedMethod({ pool: 'own', timeoutMs: 500 })
  async remaining(): Promise<unknown> {
    return { own: currentCall().remainingMs(), inner: await this.inner.remaining() };
  }

  @ExposedMethod({ pool: 'own' })
  async hang(): Promise<void> {
    this.begun.resolve(currentCall());
    return this.inner.hang();
  }

  @ExposedMethod({ pool: 'broken' })
  broken(): never {
    throw new Error('broken');
  }

  @ExposedMethod()
  async sees(): Promise<boolean> {
    const call = currentCall();
    await Promise.resolve();
    return call === currentCall();
  }

  @ExposedMethod()
  values(): Observable<number> {
    return of(1, 2, 3);
  }

  @ExposedMethod()
  async later(): Promise<Observable<number>> {
    return of(1, 2, 3);
  }

  @ExposedMethod({ pool: 'own', timeoutMs: 50 })
  endless(): Observable<number> {
    return defer(() => concat(of(1), NEVER));
  }
}

const pools = {
  own: { maxConcurrent: 1, maxQueue: 1, timeoutMs: 1_000 },
  broken: { breaker: { minimumCalls: 2, openForMs: 100 } },
};

async function boot() {
  const running = await run({ providers: [Inner, Outer], gateway: { pools, clock } });
  onTestFinished(() => finish.resolve());
  return running;
}

describe('a call of a route', () => {
  it('has its own time, which what it calls inherits', async () => {
    const { wire } = await boot();
    expect(await wire.call('remaining')).toEqual({ own: 500, inner: 500 });
    expect(await wire.call('remaining', [], { timeoutMs: 20 })).toEqual({ own: 20, inner: 20 });
    expect(await wire.call('remaining', [], { timeoutMs: 20_000 })).toEqual({ own: 500, inner: 500 });
  });

  it('runs in its pool: one waits, the next is refused, and all time out', async () => {
    const { wire, app } = await boot();
    const codes = [1, 2, 3].map(() => wire.call('hang').catch((error: { code: string }) => error.code));
    expect(await codes[2]).toBe('BULKHEAD_FULL');
    expect(app.get(PoolRegistry).get('own')!.snapshot()).toMatchObject({ running: 1, queued: 1 });
    await clock.advance(1_000);
    expect(await Promise.all(codes)).toEqual(['CALL_TIMEOUT', 'CALL_TIMEOUT', 'BULKHEAD_FULL']);
  });

  it('is cancelled with its caller, and so is what it calls', async () => {
    const { wire, app } = await boot();
    const cancel = new AbortController();
    const call = wire.call('hang', [], { signal: cancel.signal });
    const told = expect(call).rejects.toMatchObject({ code: 'CALL_CANCELLED', cause: 'enough' });
    await app.get(Outer).begun.promise;
    cancel.abort('enough');
    await told;
    expect(taken()).toEqual(['inner aborted']);
  });

  it('has a circuit where its pool was given one, and only there', async () => {
    const { wire, app } = await boot();
    for (const code of ['REMOTE_ERROR', 'REMOTE_ERROR', 'CIRCUIT_OPEN']) {
      await expect(wire.call('broken')).rejects.toMatchObject({ code });
    }
    expect(app.get(PoolRegistry).get('broken')!.snapshot().circuits).toMatchObject([{ key: 'broken', state: 'open' }]);
  });

  it('sees its own context before and after every await', async () => {
    expect(await (await boot()).wire.call('sees')).toBe(true);
  });
});

describe('an Observable', () => {
  it.each(['values', 'later'])('counts for its last value (%s)', async (method) => {
    expect(await (await boot()).wire.call(method)).toBe(3);
  });

  @Injectable()
  class Watching implements NestInterceptor {
    intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
      const stream = next.handle();
      return new (stream.constructor as typeof Observable)((subscriber) => {
        const subscription = stream.subscribe(subscriber);
        return () => {
          steps.push(`left ${context.getHandler().name}`);
          subscription.unsubscribe();
        };
      });
    }
  }

  it.each([
    ['of a handler alone', [], []],
    ['through interceptors', [{ provide: APP_INTERCEPTOR, useClass: Watching }], ['left endless']],
  ])('is left when nobody wants the call any more, %s', async (_, providers, expected) => {
    const { wire, app } = await run({ providers: [Inner, Outer, ...providers], gateway: { pools, clock } });
    const told = expect(wire.call('endless')).rejects.toMatchObject({ code: 'CALL_TIMEOUT' });
    await clock.advance(50);
    await told;
    expect(taken()).toEqual(expected);
    expect(app.get(PoolRegistry).get('own')!.snapshot()).toMatchObject({ running: 0, abandoned: 0 });
  });

  it('of a handler may be changed by interceptors, value by value', async () => {
    @Injectable()
    class Adding implements NestInterceptor {
      intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
        return concat(next.handle(), of('one more'));
      }
    }
    @Injectable()
    class Values {
      @ExposedMethod()
      @UseInterceptors(Adding)
      values(): Observable<number> {
        return of(1, 2);
      }
    }
    expect(await (await run({ providers: [Values] })).wire.call('values')).toBe('one more');
  });
});
