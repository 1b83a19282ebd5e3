import { Injectable, Module, type DynamicModule, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ManualClock } from 'sallyport/testing';
import { describe, expect, it, vi } from 'vitest';
import { currentCall } from './call.js';
import { Command } from './commands/command.decorator.js';
import { GatewayModule } from './gateway.module.js';
import { GatewayLifecycle } from './lifecycle.js';
import { Telemetry } from './telemetry.js';
import type { GatewayTransport } from './transport.js';

let log: string[];

@Injectable()
class Mailer implements OnModuleInit, OnModuleDestroy {
  open: ((value?: unknown) => void)[] = [];

  onModuleInit(): void {
    log.push('provider up');
  }

  onModuleDestroy(): void {
    log.push('provider destroyed');
  }

  @Command({ group: 'mail' })
  async send(id: number): Promise<number> {
    currentCall().signal.addEventListener('abort', () => log.push(`abort ${id}`));
    await new Promise((resolve) => this.open.push(resolve));
    log.push(`sent ${id}`);
    return id;
  }
}

function transport(name: string, broken: Partial<GatewayTransport> = {}): GatewayTransport {
  const say = (verb: string) => async () => void log.push(`${name} ${verb}`);
  return {
    name,
    kinds: [],
    start: say('start'),
    stopIntake: say('stopIntake'),
    close: say('close'),
    health: () => ({ status: 'up' }),
    ...broken,
  };
}

async function boot(transports: GatewayTransport[] = []) {
  log = [];
  const clock = new ManualClock();
  const pools = { mail: { maxConcurrent: 1, timeoutMs: false as const } };
  @Module({})
  class App {
    static with(): DynamicModule {
      const gateway = GatewayModule.forRoot({
        service: 'mail',
        pools,
        transports,
        clock,
        shutdown: { graceMs: 1_000 },
      });
      return { module: App, imports: [gateway], providers: [Mailer] };
    }
  }
  const app = await NestFactory.createApplicationContext(App.with(), { logger: false, abortOnError: false });
  return { app, clock, mailer: app.get(Mailer), lifecycle: app.get(GatewayLifecycle) };
}

describe('GatewayLifecycle', () => {
  it('starts transports one after the other when the providers are up, and closes them before the providers go', async () => {
    const { app, lifecycle } = await boot([transport('first'), transport('second')]);
    expect(lifecycle.phase).toBe('up');
    await app.close();
    expect(lifecycle.phase).toBe('stopped');
    expect(log).toEqual([
      'provider up',
      'first start',
      'second start',
      'first stopIntake',
      'second stopIntake',
      'first close',
      'second close',
      'provider destroyed',
    ]);
  });

  it('finishes what runs and what is queued before any provider is destroyed', async () => {
    const { app, mailer, lifecycle } = await boot();
    const calls = [mailer.send(1), mailer.send(2)];
    const closed = app.close();
    await vi.waitUntil(() => lifecycle.phase === 'draining');
    mailer.open.shift()!();
    await calls[0];
    mailer.open.shift()!();
    await expect(Promise.all(calls)).resolves.toEqual([1, 2]);
    await closed;
    expect(log).toEqual(['provider up', 'sent 1', 'sent 2', 'provider destroyed']);
  });

  it('aborts what still runs when the grace is over, hands back what waits, and says how many were cut', async () => {
    const { app, clock, mailer } = await boot();
    const drained = vi.fn();
    app.get(Telemetry).on('drained', drained);
    const outcomes = Promise.allSettled([mailer.send(1), mailer.send(2)]);
    const closed = app.close();
    await clock.advance(1_000);
    await closed;
    expect((await outcomes).map((outcome) => (outcome as PromiseRejectedResult).reason)).toMatchObject([
      { code: 'CALL_CANCELLED', cause: { code: 'SHUTTING_DOWN' } },
      { code: 'SHUTTING_DOWN' },
    ]);
    expect(log).toEqual(['provider up', 'abort 1', 'provider destroyed']);
    expect(drained).toHaveBeenCalledWith({ cut: 2 });
  });

  it('takes calls while it drains and refuses them once it has stopped', async () => {
    const { app, mailer, lifecycle } = await boot();
    const first = mailer.send(1);
    const closed = app.close();
    await vi.waitUntil(() => lifecycle.phase === 'draining');
    const second = mailer.send(2);
    mailer.open.shift()!();
    await first;
    mailer.open.shift()!();
    await second;
    await closed;
    await expect(mailer.send(3)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });

  it('closes the other transports when one cannot stop or close', async () => {
    const fails = () => Promise.reject(new Error('stuck'));
    const { app } = await boot([transport('bad', { stopIntake: fails, close: fails }), transport('good')]);
    await app.close();
    expect(log).toContain('good stopIntake');
    expect(log).toContain('good close');
  });

  it('fails the bootstrap when a transport cannot start, and closes those that had', async () => {
    const start = () => Promise.reject(new Error('port in use'));
    await expect(boot([transport('good'), transport('bad', { start })])).rejects.toThrow('port in use');
    expect(log).toEqual(['provider up', 'good start', 'good stopIntake', 'good close']);
  });

  it('cuts nothing and stops at once where nothing runs', async () => {
    const { app, clock } = await boot();
    const drained = vi.fn();
    app.get(Telemetry).on('drained', drained);
    await app.close();
    expect(drained).toHaveBeenCalledWith({ cut: 0 });
    expect(clock.now()).toBe(0);
    expect(clock['alarms'].size).toBe(0);
  });
});
