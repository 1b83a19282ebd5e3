import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Command, EventHandler, Events, ExposedMethod, GatewayModule, currentCall, type EmitError } from 'sallyport';
import { describe, expect, it, onTestFinished } from 'vitest';
import { inMemory } from './in-memory.js';
import { waitForCall } from './wait-for-call.js';

const storage = new AsyncLocalStorage<string>();

@Injectable()
class Accounts {
  readonly seen: unknown[] = [];

  @ExposedMethod()
  find(query: { id: Date }): unknown {
    return { id: query.id, found: new Date(0), gone: undefined };
  }

  @ExposedMethod()
  outer(): unknown {
    return { stored: storage.getStore() ?? null, correlationId: currentCall().correlationId };
  }

  @Command({ group: 'out', timeoutMs: 1_000 })
  async relay(wire: ReturnType<typeof inMemory>): Promise<unknown> {
    return { own: currentCall().correlationId, other: await wire.call('outer') };
  }

  @EventHandler('opened')
  opened(body: { by: unknown }): void {
    this.seen.push(body, storage.getStore());
  }

  @EventHandler('opened', { source: 'elsewhere', name: 'elsewhere' })
  elsewhere(body: unknown): void {
    this.seen.push(body);
  }
}

async function boot() {
  const wire = inMemory();
  const gateway = GatewayModule.forRoot({ service: 'accounts', transports: [wire] });
  const app = await Test.createTestingModule({ imports: [gateway], providers: [Accounts] }).compile();
  onTestFinished(() => app.close());
  await app.init();
  return { app, wire, accounts: app.get(Accounts), events: app.get(Events) };
}

describe('inMemory()', () => {
  it('carries arguments and results as JSON', async () => {
    const { wire } = await boot();
    expect(await wire.call('find', { id: new Date(7) })).toEqual({
      id: '1970-01-01T00:00:00.007Z',
      found: '1970-01-01T00:00:00.000Z',
    });
  });

  it.each([[1n], () => 1])('does not send parameters that have no such form (%o)', async (params: object) => {
    const { wire } = await boot();
    await expect(wire.call('find', params)).rejects.toMatchObject({
      code: 'INVALID_CALL',
      cause: expect.any(TypeError),
    });
  });

  it('passes on the id of the call, and nothing that its caller keeps in an AsyncLocalStorage', async () => {
    const { wire, accounts } = await boot();
    const { own, other } = (await storage.run('mine', () => accounts.relay(wire))) as Record<string, unknown>;
    expect(other).toEqual({ stored: null, correlationId: own });
  });

  it('gives each handler of an event a body of its own, by source and name', async () => {
    const { app, wire, accounts, events } = await boot();
    const body = { by: 'ada' };
    const handled = waitForCall(app, 'Accounts.opened');
    await storage.run('mine', () => events.emit('opened', body));
    await handled;
    expect(accounts.seen).toEqual([{ by: 'ada' }, undefined]);
    expect(accounts.seen[0]).not.toBe(body);
    const other = waitForCall(app, 'Accounts.elsewhere');
    await wire.emit!({ source: 'elsewhere', name: 'opened', body: 1, mandatory: true, headers: {} });
    expect((await other).args[0]).toBe(1);
  });

  it('rejects an event that has no such form, and one that somebody has to handle and nobody does', async () => {
    const { events } = await boot();
    const failed = (emit: Promise<void>) => emit.catch((error: EmitError) => error.failed['memory']);
    expect(await failed(events.emit('opened', 1n))).toBeInstanceOf(TypeError);
    expect(await failed(events.emit('unheard', 1, { mandatory: true }))).toMatchObject({ reason: 'unroutable' });
  });

  it('is for one app', async () => {
    const { wire } = await boot();
    const gateway = GatewayModule.forRoot({ service: 'other', transports: [wire] });
    const app = await Test.createTestingModule({ imports: [gateway] }).compile();
    onTestFinished(() => app.close().catch(() => undefined));
    await expect(app.init()).rejects.toThrow('one inMemory() is for one app');
  });

  it('takes nothing before its app has started', async () => {
    await expect(inMemory().call('find')).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });
});

describe('waitForCall', () => {
  it('resolves with that of the calls which was asked for, as it ended', async () => {
    const { app, wire } = await boot();
    const second = waitForCall(app, 'Accounts.find', { count: 2 });
    await wire.call('find', { id: 1 });
    await wire.call('find', { id: 2 });
    expect(await second).toMatchObject({ args: [{ id: 2 }], outcome: { ok: true, value: { id: 2 } } });
  });

  it('rejects when the call does not come, and says how many did', async () => {
    const { app } = await boot();
    await expect(waitForCall(app, 'find', { timeoutMs: 1 })).rejects.toThrow('"find" was called 0 of 1 times in 1 ms');
  });

  it('rejects at once for a route that there is not, and says which there are', async () => {
    const { app } = await boot();
    const routes = 'find, Accounts.find, outer, Accounts.outer, Accounts.opened, Accounts.elsewhere';
    await expect(waitForCall(app, 'fnd')).rejects.toThrow(`"fnd" is no route of this app (there are: ${routes})`);
  });
});
