import { Controller, Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { inMemory } from 'sallyport/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { currentCall } from '../call.js';
import { Command } from '../commands/command.decorator.js';
import { GatewayModule } from '../gateway.module.js';
import { ExposedMethod, ExposedNamespace } from './exposed-method.decorator.js';

@Injectable()
class Greeter {
  @ExposedMethod()
  greet(...names: string[]): string {
    return `hello ${names.join(' and ')}`;
  }

  @ExposedMethod('calls.mine')
  context(): unknown {
    const { route, transport, attempt } = currentCall();
    return { route, transport, attempt };
  }

  @ExposedMethod()
  echo(...args: unknown[]): unknown {
    return args;
  }

  @ExposedMethod()
  @Command({ group: 'inner' })
  async commanded(value: number): Promise<number> {
    return value + 1;
  }
}

@ExposedNamespace('users')
@Controller()
class Users {
  private readonly names = new Map([[1, 'ada']]);

  @ExposedMethod({ params: ['id', 'fallback'] })
  find(id: number, fallback = 'nobody'): string {
    return this.names.get(id) ?? fallback;
  }
}

async function boot() {
  const wire = inMemory();
  const imports = [GatewayModule.forRoot({ service: 'greeter', transports: [wire] })];
  const app = await Test.createTestingModule({ imports, providers: [Greeter], controllers: [Users] }).compile();
  onTestFinished(() => app.close());
  await app.init();
  return wire;
}

describe('an exposed method', () => {
  it('is called by its name with positional parameters', async () => {
    const wire = await boot();
    expect(await wire.call('greet', ['ada', 'bob'])).toBe('hello ada and bob');
    expect(await wire.call('greet')).toBe('hello ');
    expect(await wire.call('echo', { a: 1 })).toEqual([{ a: 1 }]);
  });

  it('runs in a context that says what it is', async () => {
    const wire = await boot();
    expect(await wire.call('calls.mine')).toEqual({ route: 'calls.mine', transport: 'memory', attempt: 1 });
  });

  it('may be a command as well', async () => {
    expect(await (await boot()).call('commanded', [1])).toBe(2);
  });

  it('may be on a controller, in a namespace, with named parameters', async () => {
    const wire = await boot();
    expect(await wire.call('users.find', { id: 1 })).toBe('ada');
    expect(await wire.call('users.find', { id: 2, fallback: 'x' })).toBe('x');
    expect(await wire.call('users.find', [2])).toBe('nobody');
    await expect(wire.call('users.find', { name: 1 })).rejects.toMatchObject({
      code: 'INVALID_CALL',
      issues: [
        { path: 'id', message: 'is missing' },
        { path: 'name', message: 'is no parameter' },
      ],
    });
    await expect(wire.call('users.find', [1, 2, 3])).rejects.toMatchObject({ code: 'INVALID_CALL' });
  });

  it('is not found under a name that nobody gave it', async () => {
    const wire = await boot();
    for (const name of ['find', 'toString', '__proto__', 'constructor', 'greeter.greet']) {
      await expect(wire.call(name, [])).rejects.toMatchObject({ code: 'HANDLER_NOT_FOUND' });
    }
  });
});
