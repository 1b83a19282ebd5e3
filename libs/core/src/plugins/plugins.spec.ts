import { Injectable, Logger, Module, Scope, type Provider } from '@nestjs/common';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { root, type CallContext } from '../call.js';
import { AccessDeniedError, CallCancelledError, CallTimeoutError, ConfigurationError } from '../errors.js';
import { GatewayPlugin } from './gateway-plugin.js';
import { Plugins } from './plugins.js';

let log: string[];

beforeEach(() => {
  log = [];
});

/** Notes what it hears, and does what it is told to in the hooks that are given. */
function plugin(name: string, own: Partial<GatewayPlugin> = {}): GatewayPlugin {
  class Noting extends GatewayPlugin {
    override readonly name = name;
    override onServiceStart(): unknown {
      return void log.push(`${name} start`);
    }
    override onServiceStop(): unknown {
      return void log.push(`${name} stop`);
    }
    override onMethodCall(call: CallContext, payload: unknown): unknown {
      return void log.push(`${name} called ${call.id} ${String(payload)}`);
    }
    override onInternalError(error: Error, call: CallContext): unknown {
      return void log.push(`${name} error ${error.message} ${call.id}`);
    }
  }
  return Object.assign(new Noting(), own);
}

const given = (value: GatewayPlugin): Provider => ({ provide: Symbol(value.name), useValue: value });

async function appOf(providers: Provider[]): Promise<Plugins> {
  @Module({ providers })
  class App {}
  const app = await NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
  onTestFinished(() => app.close());
  return new Plugins(app.get(ModulesContainer));
}

async function explored(...plugins: GatewayPlugin[]): Promise<Plugins> {
  const service = await appOf(plugins.map(given));
  expect(service.explore()).toEqual([]);
  return service;
}

async function problemsOf(providers: Provider[]): Promise<string[]> {
  return (await appOf(providers)).explore().map(({ path, message }) => `${path}: ${message}`);
}

const fails = (message: string) => (): never => {
  throw new Error(message);
};

function spyOnLog() {
  const spy = vi.spyOn(Logger.prototype, 'error').mockReturnValue();
  onTestFinished(() => spy.mockRestore());
  return spy;
}

describe('Plugins', () => {
  it('finds the providers that are plugins, also those that Nest did not make', async () => {
    @Injectable()
    class Audit extends GatewayPlugin {
      override readonly name = 'audit';
    }
    const made = plugin('made');
    const service = await appOf([
      Audit,
      { provide: 'other', useExisting: Audit },
      { provide: 'a', useFactory: async () => made },
      { provide: 'b', useValue: { name: 'looks like one' } },
    ]);
    expect(service.explore()).toEqual([]);
    expect(service.get<Audit>('audit')).toBeInstanceOf(Audit);
    expect(service.get('made')).toBe(made);
  });

  it('has them before the app is up, for who looks one up while it is initialised', async () => {
    const made = plugin('made');
    expect((await appOf([given(made)])).get('made')).toBe(made);
  });

  it('says which there are where there is none of that name', async () => {
    const service = await explored(plugin('audit'), plugin('journal'));
    expect(() => service.get('audits')).toThrow(ConfigurationError);
    expect(() => service.get('audits')).toThrow('plugins.audits: is no plugin of this app (there are: audit, journal)');
    expect(() => new Plugins(new ModulesContainer()).get('audit')).toThrow('there are: none');
  });

  it('starts them one by one, by order and then by registration', async () => {
    const slow = plugin('slow', {
      onServiceStart: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        log.push('slow start');
      },
    });
    const service = await explored(
      plugin('last', { order: 5 }),
      slow,
      plugin('second'),
      plugin('first', { order: -1 }),
    );
    await service.start();
    expect(log).toEqual(['first start', 'slow start', 'second start', 'last start']);
  });

  it('stops them in the opposite order, each once', async () => {
    const service = await explored(plugin('a'), plugin('b'));
    await service.start();
    log.length = 0;
    await service.stop();
    await service.stop();
    expect(log).toEqual(['b stop', 'a stop']);
  });

  it('stops nothing that was not started', async () => {
    const service = await explored(plugin('a'));
    await service.stop();
    expect(log).toEqual([]);
  });

  it('stops the others where one cannot, and logs why', async () => {
    const errors = spyOnLog();
    const service = await explored(plugin('a'), plugin('bad', { onServiceStop: fails('stuck') }), plugin('c'));
    await service.start();
    await service.stop();
    expect(log.slice(3)).toEqual(['c stop', 'a stop']);
    expect(errors.mock.calls).toEqual([['onServiceStop of bad threw', expect.stringContaining('stuck')]]);
  });

  it('fails with the error of the one that cannot start, and stops those before it', async () => {
    const service = await explored(plugin('a'), plugin('bad', { onServiceStart: fails('no disk') }), plugin('c'));
    await expect(service.start()).rejects.toThrow('no disk');
    expect(log).toEqual(['a start', 'a stop']);
  });

  it('has nobody to tell where no plugin wants to know', async () => {
    const silent = plugin('silent', { onMethodCall: undefined, onInternalError: undefined });
    const service = await explored(silent);
    expect([service.hearCalls, service.hearError(new Error('failed'))]).toEqual([false, false]);
  });

  it('tells each of a call, in order and one after the other', async () => {
    const slow = plugin('slow', {
      onMethodCall: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        log.push('slow called');
      },
    });
    const service = await explored(slow, plugin('b'));
    expect(service.hearCalls).toBe(true);
    expect(await service.methodCalled(root, 'letter')).toBeUndefined();
    expect(log).toEqual(['slow called', 'b called root letter']);
  });

  it('logs what a plugin throws at a call, which goes on, as do the others', async () => {
    const errors = spyOnLog();
    const rejects = plugin('rejects', { onMethodCall: () => Promise.reject(new Error('no disk')) });
    const service = await explored(plugin('throws', { onMethodCall: fails('a bug') }), rejects, plugin('c'));
    expect(await service.methodCalled(root, 'letter')).toBeUndefined();
    expect(log).toEqual(['c called root letter']);
    expect(errors.mock.calls).toEqual([
      ['onMethodCall of throws threw', expect.stringContaining('a bug')],
      ['onMethodCall of rejects threw', expect.stringContaining('no disk')],
    ]);
  });

  it('refuses the call with the first refusal that a plugin throws, once all have heard of it', async () => {
    const errors = spyOnLog();
    const denied = new AccessDeniedError('not yours');
    const denies = (error: Error): Partial<GatewayPlugin> => ({ onMethodCall: () => Promise.reject(error) });
    const second = plugin('second', denies(new AccessDeniedError('nor theirs')));
    const service = await explored(plugin('first', denies(denied)), second, plugin('c'));
    expect(await service.methodCalled(root, 'letter')).toBe(denied);
    expect(log).toEqual(['c called root letter']);
    expect(errors).not.toHaveBeenCalled();
  });

  it('tells each of what failed, and logs what one throws at that', async () => {
    const errors = spyOnLog();
    const service = await explored(plugin('bad', { onInternalError: fails('a bug') }), plugin('b'));
    await service.internalError(new Error('no'), root);
    expect(log).toEqual(['b error no root']);
    expect(errors.mock.calls).toEqual([['onInternalError of bad threw', expect.stringContaining('a bug')]]);
  });

  it('has failures to tell of, and no refusals nor cancels of this process', async () => {
    const service = await explored(plugin('a'));
    const heard = [new Error('no'), new CallTimeoutError('late', 5), new AccessDeniedError('no', { origin: 'remote' })];
    expect(heard.map((error) => service.hearError(error))).toEqual([true, true, true]);
    const unheard = [new AccessDeniedError('no'), new CallCancelledError('bored')];
    expect(unheard.map((error) => service.hearError(error))).toEqual([false, false]);
  });

  it('refuses two plugins of one name', async () => {
    expect(await problemsOf([given(plugin('audit')), given(plugin('b')), given(plugin('audit'))])).toEqual([
      'Noting.name: "audit" is the name of Noting already; names of plugins are unique',
    ]);
  });

  it('refuses a name and an order that are none', async () => {
    const order = 'first' as never;
    expect(await problemsOf([given(plugin('')), given(plugin('b', { order }))])).toEqual([
      'Noting.name: must be a string that is not empty, got ""',
      'Noting.order: must be a number, got "first"',
    ]);
  });

  it('refuses plugins that do not live as long as the app', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest extends GatewayPlugin {
      override readonly name = 'per-request';
    }
    @Injectable({ scope: Scope.TRANSIENT })
    class PerUser extends GatewayPlugin {
      override readonly name = 'per-user';
    }
    expect(await problemsOf([PerRequest, PerUser])).toEqual([
      'PerRequest: is a plugin and lives as long as the app: it cannot be request-scoped or transient',
      'PerUser: is a plugin and lives as long as the app: it cannot be request-scoped or transient',
    ]);
  });
});
