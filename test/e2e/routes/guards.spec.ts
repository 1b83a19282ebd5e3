import { Controller, ForbiddenException, Inject, Injectable, Scope, UseGuards, type CanActivate } from '@nestjs/common';
import { APP_GUARD, REQUEST } from '@nestjs/core';
import { Payload } from '@nestjs/microservices';
import { Command, currentCall, ExposedMethod } from 'sallyport';
import { beforeEach, describe, expect, it } from 'vitest';
import { run } from './support/app.js';
import { guard, taken } from './support/steps.js';

const Refusing = guard('refusing', false);
const Allowing = guard('allowing');

@Injectable()
class Vault {
  readonly opened: unknown[] = [];

  @ExposedMethod()
  @UseGuards(Allowing, Refusing, guard('never asked'))
  open(door: string): string {
    this.opened.push(door);
    return 'open';
  }

  @ExposedMethod()
  @UseGuards({ canActivate: async () => Promise.reject(new ForbiddenException('not today')) })
  @Command({ group: 'vault' })
  async knock(): Promise<string> {
    return 'come in';
  }

  @ExposedMethod()
  @Command({ group: 'vault' })
  @UseGuards(Allowing)
  async ring(@Payload() tune: string[]): Promise<string> {
    return tune.join();
  }
}

beforeEach(() => void taken());

describe('a guard', () => {
  it('that says no refuses the call as ACCESS_DENIED, before the handler and the guards after it', async () => {
    const { wire, log, app } = await run({ providers: [Vault] });
    await expect(wire.call('open', ['front'])).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    expect(taken()).toEqual(['guard allowing on Vault.open (rpc)', 'guard refusing on Vault.open (rpc)']);
    expect(app.get(Vault).opened).toEqual([]);
    expect(log).toEqual([]);
  });

  it('that throws has its own error passed on', async () => {
    const { wire } = await run({ providers: [Vault] });
    const refused = { code: 'REMOTE_ERROR', remoteCode: 'ForbiddenException', message: 'not today' };
    await expect(wire.call('knock')).rejects.toMatchObject(refused);
  });

  it('stands before a command, on either side of its decorator', async () => {
    const { wire } = await run({ providers: [Vault] });
    expect(await wire.call('ring', ['a', 'b'])).toBe('a,b');
    expect(taken()).toEqual(['guard allowing on Vault.ring (rpc)']);
  });

  it.each([
    ['useClass', { provide: 'vault', useClass: Vault }],
    ['useFactory', { provide: 'vault', useFactory: () => new Vault() }],
    ['useValue', { provide: 'vault', useValue: new Vault() }],
  ])('stands before what comes out of %s too, where Nest makes none', async (_, provider) => {
    const { wire, app } = await run({ providers: [provider] });
    await expect(wire.call('open', ['front'])).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    expect(app.get<Vault>('vault').opened).toEqual([]);
  });

  it('of a class stands before its methods on a controller', async () => {
    @Controller()
    @UseGuards(Refusing)
    class Closed {
      @ExposedMethod()
      enter(): string {
        return 'in';
      }
    }
    const { wire } = await run({ controllers: [Closed] });
    await expect(wire.call('enter')).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  });

  it('has its dependencies injected', async () => {
    @Injectable()
    class Keys {
      has(key: string): boolean {
        return key === 'gold';
      }
    }
    @Injectable()
    class KeyGuard implements CanActivate {
      constructor(@Inject(Keys) private readonly keys: Keys) {}

      canActivate(): boolean {
        return this.keys.has(currentCall().headers['key'] ?? '');
      }
    }
    @Injectable()
    class Chest {
      @ExposedMethod()
      @UseGuards(KeyGuard)
      take(): string {
        return 'treasure';
      }
    }
    const { wire } = await run({ providers: [Keys, Chest] });
    expect(await wire.call('take', [], { headers: { Key: 'gold' } })).toBe('treasure');
    await expect(wire.call('take', [], { headers: { key: 'tin' } })).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  });
});

describe('a global guard', () => {
  @Injectable()
  class Plain {
    @ExposedMethod()
    hello(who: string): string {
      return `hello ${who}`;
    }
  }

  it.each([
    ['APP_GUARD', { providers: [{ provide: APP_GUARD, useClass: Refusing }] }],
    ['useGlobalGuards', { prepare: (app: any) => app.useGlobalGuards(new Refusing()) }],
  ])('of %s stands before every route', async (_, setup: { providers?: object[]; prepare?(app: any): void }) => {
    const { wire } = await run({ ...setup, providers: [Plain, ...((setup.providers ?? []) as never[])] });
    await expect(wire.call('hello', ['you'])).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  });

  it('that is made for each call stands before a provider, which is not', async () => {
    let guards = 0;
    @Injectable({ scope: Scope.REQUEST })
    class PerCall implements CanActivate {
      private readonly number = ++guards;

      constructor(@Inject(REQUEST) private readonly request: { getData(): string[]; getPattern(): string }) {}

      canActivate(): boolean {
        return this.request.getPattern() === 'hello' && this.request.getData()[0] === `number ${this.number}`;
      }
    }
    const { wire } = await run({ providers: [Plain, { provide: APP_GUARD, useClass: PerCall }] });
    expect(await wire.call('hello', ['number 1'])).toBe('hello number 1');
    expect(await wire.call('hello', ['number 2'])).toBe('hello number 2');
    await expect(wire.call('hello', ['number 1'])).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  });
});
