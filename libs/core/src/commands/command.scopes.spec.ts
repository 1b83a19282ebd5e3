import { Controller, Inject, Injectable, Scope } from '@nestjs/common';
import { ContextIdFactory, ModuleRef, REQUEST } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { currentCall, type CallContext } from '../call.js';
import { GatewayModule } from '../gateway.module.js';
import { Command } from './command.decorator.js';
import { Commands } from './commands.js';

let made = 0;

@Injectable()
class Names {
  readonly suffix = '!';

  constructor(@Inject(ModuleRef) readonly module: ModuleRef) {}
}

/** What every provider below does; each says which instance it is. */
@Injectable()
class Singleton {
  readonly number = ++made;

  constructor(@Inject(Names) protected readonly names: Names) {}

  @Command({ group: 'scopes' })
  async greet(who: string): Promise<string> {
    return `${this.number} greets ${who}${this.names.suffix}`;
  }
}

@Injectable({ scope: Scope.REQUEST })
class PerRequest extends Singleton {}

@Injectable({ scope: Scope.TRANSIENT })
class Transient extends Singleton {}

@Controller()
class SomeController extends Singleton {}

@Controller({ scope: Scope.REQUEST })
class RequestController extends Singleton {}

/** Of no module. */
@Injectable()
class Unlisted extends Singleton {}

@Injectable({ scope: Scope.REQUEST })
class Tenant {
  constructor(@Inject(REQUEST) readonly call: CallContext) {}
}

@Command({ group: 'scopes' })
class Whoami {
  readonly number = ++made;

  constructor(@Inject(Names) private readonly names: Names) {}

  run(who: string): string {
    return `${this.number} is ${who}${this.names.suffix}`;
  }
}

@Command({ group: 'scopes' })
@Injectable({ scope: Scope.TRANSIENT })
class TransientWhoami extends Whoami {}

/** Request-scoped by what it injects. */
@Command({ group: 'scopes', key: 'tenant' })
class WhichTenant {
  readonly number = ++made;

  constructor(@Inject(Tenant) private readonly tenant: Tenant) {}

  run(fail = false): unknown {
    if (fail) throw new Error('down');
    return { number: this.number, call: this.tenant.call, current: currentCall() };
  }

  fallback(error: Error): unknown {
    return { number: this.number, instead: error.message };
  }
}

async function boot() {
  const app = await Test.createTestingModule({
    imports: [GatewayModule.forRoot()],
    controllers: [SomeController, RequestController],
    providers: [Names, Singleton, PerRequest, Transient, Tenant, Whoami, TransientWhoami, WhichTenant],
  }).compile();
  onTestFinished(() => app.close());
  return app.init();
}

describe('commands on methods', () => {
  it.each([Singleton, SomeController])('work on the one instance of a provider or a controller (%o)', async (type) => {
    const app = await boot();
    const instance = app.get(type);
    expect(await instance.greet('you')).toBe(`${instance.number} greets you!`);
  });

  it.each([PerRequest, Transient, RequestController])('work on each instance of %o', async (type) => {
    const app = await boot();
    const one = await app.resolve(type, ContextIdFactory.create());
    const other = await app.resolve(type, ContextIdFactory.create());
    expect(one.number).not.toBe(other.number);
    expect(await one.greet('a')).toBe(`${one.number} greets a!`);
    expect(await other.greet('b')).toBe(`${other.number} greets b!`);
    expect(await one.greet('c')).toBe(`${one.number} greets c!`);
  });

  it('work on what ModuleRef.create makes, though it is no provider', async () => {
    const app = await boot();
    const instance = await app.get(Names).module.create(Unlisted);
    expect(await instance.greet('you')).toBe(`${instance.number} greets you!`);
  });

  it.each([
    ['useClass', { provide: 'token', useClass: Singleton }],
    ['useExisting', { provide: 'token', useExisting: Singleton }],
  ])('work behind another token (%s)', async (_, provider) => {
    const providers = [Names, Singleton, provider];
    const app = await Test.createTestingModule({ imports: [GatewayModule.forRoot()], providers }).compile();
    onTestFinished(() => app.close());
    await app.init();
    const instance = app.get<Singleton>('token');
    expect(await instance.greet('you')).toBe(`${instance.number} greets you!`);
  });
});

describe('commands as classes', () => {
  it('run on the one instance of a provider', async () => {
    const app = await boot();
    const { number } = app.get(Whoami);
    expect(await app.get(Commands).execute(Whoami, 'it')).toBe(`${number} is it!`);
    expect(await app.get(Commands).execute(Whoami, 'again')).toBe(`${number} is again!`);
  });

  it('run on a new instance each time where they are transient', async () => {
    const commands = (await boot()).get(Commands);
    const [one, other] = await Promise.all([
      commands.execute(TransientWhoami, 'it'),
      commands.execute(TransientWhoami, 'it'),
    ]);
    expect(one).toMatch(/^\d+ is it!$/);
    expect(other).toMatch(/^\d+ is it!$/);
    expect(one).not.toBe(other);
  });

  it('are made for each call where they depend on the request, which is the call', async () => {
    const commands = (await boot()).get(Commands);
    const one = (await commands.execute(WhichTenant)) as { number: number; call: CallContext; current: CallContext };
    const other = (await commands.execute(WhichTenant)) as typeof one;
    expect(one.number).not.toBe(other.number);
    expect(one.call).toBe(one.current);
    expect(one.call.route).toBe('scopes/tenant');
  });

  it('fall back on the instance that ran', async () => {
    const commands = (await boot()).get(Commands);
    const before = made;
    expect(await commands.execute(WhichTenant, true)).toEqual({ number: before + 1, instead: 'down' });
  });
});
