import { Body, Injectable, UsePipes, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { Ctx, Payload } from '@nestjs/microservices';
import { Attempt, currentCall, EventHandler, ExposedMethod, Events, type CallContext } from 'sallyport';
import { waitForCall } from 'sallyport/testing';
import { describe, expect, it } from 'vitest';
import { run } from './support/app.js';

interface User {
  name: string;
  age?: number;
}

/** As zod and the others give one; async where the age is. */
const userSchema = {
  '~standard': {
    version: 1 as const,
    vendor: 'here',
    validate(value: unknown) {
      const { name, age } = value as Partial<User>;
      const issues = [
        ...(typeof name === 'string' ? [] : [{ message: 'must be a string', path: ['name'] }]),
        ...(age === undefined || age > 17 ? [] : [{ message: 'must be of age', path: [{ key: 'age' }] }]),
      ];
      const result = issues.length > 0 ? { issues } : { value: { name: name!.trim(), age } };
      return age === undefined ? result : Promise.resolve(result);
    },
  },
};

class Name {
  readonly value!: string;
}

@Injectable()
class Doubling implements PipeTransform {
  transform(value: unknown, { metatype, type, data }: ArgumentMetadata): unknown {
    if (metatype === Number) return (value as number) * 2;
    return metatype === Name ? `${type} ${data} ${String(value)}` : value;
  }
}

@Injectable()
class Users {
  @ExposedMethod({ schema: userSchema })
  register(user: User): unknown {
    return { got: user };
  }

  @ExposedMethod({ schema: userSchema, params: ['name', 'age'] })
  registerSpread(name: string, age = 99): unknown {
    return { name, age };
  }

  @ExposedMethod({ schema: userSchema, params: ['name', 'age'] })
  registerDecorated(@Ctx() context: CallContext, @Payload() user: User, @Payload('name') name: string): unknown {
    return { same: context === currentCall(), user, name };
  }

  @ExposedMethod()
  payloadSchema(@Payload({ schema: userSchema }) user: User): unknown {
    return user;
  }

  @ExposedMethod()
  asSent(@Payload() sent: unknown, @Body('a') part: unknown): unknown {
    return { sent, part: part ?? null };
  }

  @ExposedMethod({ params: ['name', 'amount'] })
  @UsePipes(Doubling)
  piped(name: Name, amount: number): unknown {
    return [name, amount];
  }

  @ExposedMethod()
  sum(...numbers: number[]): number {
    return numbers.reduce((sum, number) => sum + number, 0);
  }

  @EventHandler('registered')
  registered(...args: unknown[]): unknown {
    return args;
  }

  @EventHandler('tried')
  tried(@Attempt() attempt: unknown, @Payload('id') id: number): unknown {
    return { attempt, id };
  }
}

const boot = async () => (await run({ providers: [Users] })).wire;

describe('a schema', () => {
  it('sees the named object, and its output is what the handler gets', async () => {
    const wire = await boot();
    expect(await wire.call('register', { name: ' ada ' })).toEqual({ got: { name: 'ada' } });
    expect(await wire.call('register', [{ name: 'ada', age: 36 }])).toEqual({ got: { name: 'ada', age: 36 } });
  });

  it('has its output spread where there are names, from named and positional parameters alike', async () => {
    const wire = await boot();
    expect(await wire.call('registerSpread', { name: ' ada ' })).toEqual({ name: 'ada', age: 99 });
    expect(await wire.call('registerSpread', [' ada ', 36])).toEqual({ name: 'ada', age: 36 });
  });

  it('has its output given to @Payload()', async () => {
    const user = { name: 'ada', age: 36 };
    expect(await (await boot()).call('registerDecorated', [' ada ', 36])).toEqual({ same: true, user, name: 'ada' });
  });

  it.each(['register', 'registerSpread', 'registerDecorated', 'payloadSchema'])(
    'has its issues told, each with its path (%s)',
    async (method) => {
      const wire = await boot();
      const issues = [
        { path: 'name', message: 'must be a string' },
        { path: 'age', message: 'must be of age' },
      ];
      await expect(wire.call(method, { name: 1, age: 3 })).rejects.toMatchObject({ code: 'INVALID_CALL', issues });
      await expect(wire.call(method, { age: undefined })).rejects.toMatchObject({ issues: issues.slice(0, 1) });
    },
  );

  it.each([['two'], [['one', 'other']], [7]])('refuses what is no object: %j', async (params) => {
    await expect((await boot()).call('register', params as object)).rejects.toMatchObject({ code: 'INVALID_CALL' });
  });
});

describe('parameter decorators', () => {
  it('give what was sent, whole or in part, whoever they were made for', async () => {
    const wire = await boot();
    expect(await wire.call('asSent', { a: 1 })).toEqual({ sent: { a: 1 }, part: 1 });
    expect(await wire.call('asSent', [1, 2])).toEqual({ sent: [1, 2], part: null });
    expect(await wire.call('asSent')).toEqual({ part: null });
  });

  it('tell an event handler which attempt it is', async () => {
    const { app } = await run({ providers: [Users] });
    const handled = waitForCall(app, 'Users.tried');
    await app.get(Events).emit('tried', { id: 7 });
    const { outcome } = await handled;
    expect(outcome).toMatchObject({ ok: true, value: { id: 7, attempt: { count: 0, first: expect.any(Date) } } });
  });
});

describe('pipes', () => {
  it('see each argument of a method without parameter decorators, with its class and its name', async () => {
    const wire = await boot();
    expect(await wire.call('piped', ['ada', 2])).toEqual(['body name ada', 4]);
    expect(await wire.call('piped', { amount: 2, name: 'ada' })).toEqual(['body name ada', 4]);
  });

  it('leave rest parameters what they are', async () => {
    const { wire } = await run({ providers: [Users, { provide: APP_PIPE, useClass: Doubling }] });
    expect(await wire.call('sum', [1, 2, 3])).toBe(6);
  });
});

it('gives an event handler the payload and the context', async () => {
  const { app } = await run({ providers: [Users] });
  const handled = waitForCall(app, 'Users.registered');
  await app.get(Events).emit('registered', { id: 7 });
  const { args } = await handled;
  expect(args).toHaveLength(2);
  expect(args[0]).toEqual({ id: 7 });
  expect(args[1]).toMatchObject({ route: 'Users.registered', transport: 'memory' });
});
