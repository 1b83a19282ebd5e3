import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import {
  backoff,
  EventHandler,
  Route,
  type AttemptRecord,
  type Entrypoint,
  type GatewayTransport,
  type IncomingContext,
  type Outcome,
  type TransportHost,
} from 'sallyport';
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

/** A wire of queues, which delivers again by itself what failed. */
class Queues implements GatewayTransport {
  readonly name = 'queues';
  readonly kinds = ['event', 'queue', 'call'];
  readonly oneWay = ['event', 'queue'];
  readonly redelivers = true;
  host!: TransportHost;

  async start(host: TransportHost): Promise<void> {
    this.host = host;
  }

  async stopIntake(): Promise<void> {}
  async close(): Promise<void> {}

  health(): { status: 'up' } {
    return { status: 'up' };
  }

  deliver(handler: string, context: IncomingContext = {}): Promise<Outcome> {
    const route = this.host.routes.find((one) => one.handler === handler)!;
    return this.host.dispatch(route, { order: 7 }, context, 'wait');
  }
}

const queue = (kind: string): Entrypoint => ({ transport: 'queues', kind, options: {} });

@Injectable()
class Orders implements OnModuleDestroy {
  @EventHandler('placed', {
    transports: ['queues'],
    backoff: backoff({ maxRetries: 2, intervalMs: 10, except: [TypeError] }),
    callback: 'lost',
  })
  placed(): never {
    throw new RangeError('no stock');
  }

  lost(payload: unknown, error: Error, { count }: AttemptRecord): string {
    steps.push(`lost ${JSON.stringify(payload)}: ${error.message} after ${count}`);
    return 'saved';
  }

  @Route(queue('queue'), { callback: 'unsaved' })
  queued(): never {
    throw new TypeError('malformed');
  }

  unsaved(): never {
    throw new Error('nor here');
  }

  @Route(queue('queue'), { timeoutMs: 50 })
  async hangs(): Promise<void> {
    await finish.promise;
  }

  @Route(queue('queue'), { callback: 'lost' })
  async failsLate(): Promise<void> {
    await finish.promise;
    throw new Error('late');
  }

  onModuleDestroy(): void {
    steps.push('destroyed');
  }

  @Route(queue('call'), { timeoutMs: 50, callback: 'lost' })
  called(): never {
    throw new Error('to the caller');
  }
}

async function boot() {
  const wire = new Queues();
  const gateway = { transports: [wire], clock, shutdown: { graceMs: 1_000 } };
  const running = await run({ providers: [Orders], gateway, wired: false });
  onTestFinished(() => finish.resolve());
  return { ...running, wire };
}

describe('a wire that delivers again by itself', () => {
  it('is told of each failure, and at the last one of what the callback made of it', async () => {
    const { wire } = await boot();
    const first = { attempt: 1, attemptRecord: { count: 0, first: new Date(0) } };
    expect(await wire.deliver('Orders.placed', first)).toMatchObject({ ok: false, error: { message: 'no stock' } });
    expect(taken()).toEqual([]);
    const last = { attempt: 3, attemptRecord: { count: 2, first: new Date(0) } };
    expect(await wire.deliver('Orders.placed', last)).toEqual({ ok: true, value: 'saved' });
    expect(taken()).toEqual(['lost {"order":7}: no stock after 2']);
  });

  it('is told of the failure where the callback fails as well', async () => {
    const { wire, log } = await boot();
    expect(await wire.deliver('Orders.queued')).toMatchObject({ ok: false, error: { message: 'malformed' } });
    expect(log[0]).toMatch(/^unsaved, the callback of Orders.queued, failed Error: nor here/);
    expect(log[1]).toMatch(/^Orders.queued failed TypeError: malformed/);
  });

  it('is told of the failure where somebody waits for a reply, whatever the callback does', async () => {
    const { wire } = await boot();
    expect(await wire.deliver('Orders.called')).toMatchObject({ ok: false, error: { message: 'to the caller' } });
    expect(taken()).toEqual(['lost {"order":7}: to the caller after 0']);
  });
});

describe('what nobody waits for', () => {
  it('is over when its handler has really settled, though its time was over before', async () => {
    const { wire } = await boot();
    let outcome: Outcome | undefined;
    const delivered = wire.deliver('Orders.hangs').then((told) => (outcome = told));
    await clock.advance(500);
    expect(outcome).toBeUndefined();
    finish.resolve();
    expect(await delivered).toMatchObject({ ok: false, error: { code: 'CALL_TIMEOUT' } });
  });

  it('is over all the same as long after its time as a shutdown would wait', async () => {
    const { wire } = await boot();
    const delivered = wire.deliver('Orders.hangs');
    await clock.advance(1_050);
    expect(await delivered).toMatchObject({ ok: false, error: { code: 'CALL_TIMEOUT' } });
  });
});

describe('at shutdown', () => {
  it('nothing is waited for once the grace is over, and nothing keeps the process', async () => {
    const { app, wire } = await boot();
    const delivered = wire.deliver('Orders.hangs');
    await clock.advance(50);
    const closed = app.close();
    await clock.advance(1_000);
    await closed;
    expect(await delivered).toMatchObject({ ok: false, error: { code: 'CALL_TIMEOUT' } });
    expect(clock['alarms'].size).toBe(0);
  });

  it('an event that fails meanwhile has its callback called, and is waited for', async () => {
    const { app, wire } = await boot();
    const delivered = wire.deliver('Orders.failsLate');
    const closed = app.close();
    await clock.advance(10);
    finish.resolve();
    await closed;
    expect(await delivered).toEqual({ ok: true, value: 'saved' });
    expect(taken()).toEqual(['lost {"order":7}: late after 0', 'destroyed']);
  });
});

it('gives a host no more than the routes that its transport serves, and takes no others', async () => {
  const { wire } = await boot();
  expect(wire.host.routes.map(({ handler }) => handler)).toEqual([
    'Orders.placed',
    'Orders.queued',
    'Orders.hangs',
    'Orders.failsLate',
    'Orders.called',
  ]);
  const [route] = wire.host.routes;
  const { entrypoint, handler, pool, options } = route!;
  expect(await wire.host.dispatch({ entrypoint, handler, pool, options }, {}, {})).toMatchObject({
    ok: false,
    error: { code: 'ROUTE_NOT_FOUND' },
  });
  expect(wire.host.clock.now()).toBe(0);
});
