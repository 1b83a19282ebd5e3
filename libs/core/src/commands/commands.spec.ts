import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { ManualClock } from 'sallyport/testing';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { currentCall, type CallContext, type CallOptions } from '../call.js';
import { BulkheadFullError } from '../errors.js';
import { GatewayModule } from '../gateway.module.js';
import { PoolRegistry } from '../pools/pool.registry.js';
import { Command } from './command.decorator.js';
import { Commands } from './commands.js';

@Injectable()
class Ledger {
  readonly accounts = new Map([['ann', 7]]);
}

@Command({ group: 'ledger', key: 'balance', timeoutMs: 500 })
class GetBalance {
  constructor(private readonly ledger: Ledger) {}

  run(name: string): number | undefined {
    return this.ledger.accounts.get(name);
  }
}

@Command({ group: 'ledger', key: 'seen', timeoutMs: 500 })
class Seen {
  run(): CallContext {
    return currentCall();
  }
}

@Command({ group: 'ledger', retry: { attempts: 3, backoffMs: 0 } })
class Transfer {
  async run(work: () => unknown): Promise<unknown> {
    return work();
  }
}

@Command({ group: 'ledger' })
class NoProvider {
  run(): void {}
}

@Command({ group: 'ledger' })
class FallbackAsProperty {
  fallback = (): null => null;

  run(): void {}
}

@Injectable()
class NoCommand {
  run(): void {}
}

const clock = new ManualClock();
let commands: Commands;
let pools: PoolRegistry;

beforeAll(async () => {
  const imports = [GatewayModule.forRoot({ clock })];
  const providers = [Ledger, GetBalance, Seen, Transfer, FallbackAsProperty, NoCommand];
  const app = await Test.createTestingModule({ imports, providers }).compile();
  await app.init();
  commands = app.get(Commands);
  pools = app.get(PoolRegistry);
  return () => Promise.all([app.close(), clock.advance(10_000)]);
});

describe('Commands', () => {
  it('runs a command class with its dependencies, in its pool', async () => {
    expect(await commands.execute(GetBalance, 'ann')).toBe(7);
    expect(await commands.execute(GetBalance, 'joe')).toBeUndefined();
    const [circuit] = pools.get('ledger')!.snapshot().circuits;
    expect(circuit).toMatchObject({ key: 'balance', counts: { succeeded: 2 } });
  });

  it('adds the headers of one with() to those of another', async () => {
    const seen = await commands
      .with({ headers: { A: '1' } })
      .with({ headers: { B: '2' } })
      .execute(Seen);
    expect(seen.headers).toEqual({ a: '1', b: '2' });
  });

  it.each([
    [NoProvider, 'NoProvider: is a @Command, but no provider of this app: add it to the providers of a module'],
    [NoCommand, 'NoCommand: has no @Command'],
    [FallbackAsProperty, 'FallbackAsProperty: has a property fallback; make it a method: fallback()'],
    [class Heir extends GetBalance {}, 'Heir: has no @Command'],
  ])('says why it cannot run %o', async (type, message) => {
    const refusal = { code: 'CONFIGURATION_INVALID', message };
    await expect(commands.execute(type as typeof NoCommand)).rejects.toMatchObject(refusal);
    expect(() => commands.queue(type as typeof NoCommand)).toThrow(message);
  });
});

describe('Commands.with', () => {
  it('gives options to its calls only', async () => {
    const quick = commands.with({ timeoutMs: 50, headers: { 'X-Tenant': 'acme' } });
    const [call, queued, plain] = await Promise.all([quick.execute(Seen), quick.queue(Seen), commands.execute(Seen)]);
    for (const { deadline, headers } of [call, queued]) {
      expect([deadline, headers]).toEqual([clock.now() + 50, { 'x-tenant': 'acme' }]);
    }
    expect([plain.deadline, plain.headers]).toEqual([clock.now() + 500, {}]);
  });

  it('adds up', async () => {
    const call = await commands
      .with({ timeoutMs: 50 })
      .with({ headers: { a: '1' } })
      .execute(Seen);
    expect([call.deadline, call.headers]).toEqual([clock.now() + 50, { a: '1' }]);
  });

  it('cancels by a signal', async () => {
    const controller = new AbortController();
    const answer = commands.with({ signal: controller.signal }).execute(Transfer, () => new Promise(() => {}));
    controller.abort('bored');
    await expect(answer).rejects.toMatchObject({ code: 'CALL_CANCELLED', cause: 'bored' });
  });

  it.each([
    [{ timeout: 5 }, 'call options.timeout: is not an option; did you mean timeoutMs?'],
    [{ timeoutMs: -1 }, 'call options.timeoutMs: must be a number above 0, got -1'],
    [null, 'call options: must be an object, got null'],
  ])('refuses %o', (options, message) => {
    expect(() => commands.with(options as CallOptions)).toThrow(message);
  });
});

describe('a call that is not idempotent', () => {
  const transfer = (work: () => unknown, idempotent?: boolean): Promise<unknown> =>
    commands.with(idempotent === undefined ? {} : { idempotent }).execute(Transfer, work);

  it.each([true, undefined])('is what the retry policy says where idempotent is %o', async (idempotent) => {
    const work = vi.fn<() => void>(() => {
      throw new Error('down');
    });
    const told = expect(transfer(work, idempotent)).rejects.toThrow('down');
    await clock.advance(10_000);
    await told;
    expect(work).toHaveBeenCalledTimes(3);
  });

  it.each([
    ['its handler threw', new Error('down')],
    ['something further in was refused', new BulkheadFullError('full')],
  ])('is not repeated once its handler ran: %s', async (_, error) => {
    const work = vi.fn<() => void>(() => {
      throw error;
    });
    const told = expect(transfer(work, false)).rejects.toBe(error);
    await clock.advance(10_000);
    await told;
    expect(work).toHaveBeenCalledTimes(1);
  });
});
