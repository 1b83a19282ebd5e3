import { Injectable, SetMetadata } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { currentCall } from '../call.js';
import { GatewayModule } from '../gateway.module.js';
import { PoolRegistry } from '../pools/pool.registry.js';
import { Command } from './command.decorator.js';

const SYMBOL = Symbol('secret');

@Injectable()
class Greeter {
  #greeting = 'hello';
  protected name = 'Greeter';

  @Command({ group: 'greetings' })
  async greet(who: string, mark = '!'): Promise<string> {
    return `${this.#greeting} ${who}${mark} from ${this.name}`;
  }

  @Command({ group: 'greetings', key: 'by-symbol' })
  async [SYMBOL](who: string): Promise<string> {
    return `${this.#greeting} in secret, ${who}, as ${currentCall().route}`;
  }

  @SetMetadata('above', 1)
  @Command({ group: 'greetings' })
  @SetMetadata('below', 2)
  async labelled(): Promise<void> {}
}

/** Inherits `greet`. */
@Injectable()
class Heir extends Greeter {
  override name = 'Heir';
}

/** Overrides `greet`, without and with a command of its own. */
@Injectable()
class Plain extends Greeter {
  override async greet(who: string): Promise<string> {
    return `${await super.greet(who)}, in ${currentCall().route || 'no call'}`;
  }
}

@Injectable()
class Guarded extends Greeter {
  @Command({ group: 'others' })
  override async greet(who: string): Promise<string> {
    return `${await super.greet(who)}, in ${currentCall().route}`;
  }
}

let get: <T>(type: new () => T) => T;
let pools: PoolRegistry;

beforeAll(async () => {
  const providers = [Greeter, Heir, Plain, Guarded];
  const app = await Test.createTestingModule({ imports: [GatewayModule.forRoot()], providers }).compile();
  await app.init();
  get = (type) => app.get(type);
  pools = app.get(PoolRegistry);
  return () => app.close();
});

const succeeded = (group: string): Record<string, number> =>
  Object.fromEntries(
    pools
      .get(group)!
      .snapshot()
      .circuits.map(({ key, counts }) => [key, counts.succeeded]),
  );

describe('a decorated method', () => {
  it('gets its instance, private fields included, and its arguments', async () => {
    expect(await get(Greeter).greet('you')).toBe('hello you! from Greeter');
    expect(await get(Greeter).greet('you', '?')).toBe('hello you? from Greeter');
  });

  it('is a call of its pool', async () => {
    const before = succeeded('greetings')['Greeter.greet']!;
    await get(Greeter).greet('you');
    expect(succeeded('greetings')['Greeter.greet']).toBe(before + 1);
  });

  it('may be named by a symbol', async () => {
    expect(await get(Greeter)[SYMBOL]('you')).toBe('hello in secret, you, as greetings/by-symbol');
  });

  it('keeps its name, its length and what other decorators said of it, above and below', () => {
    const { greet, labelled } = Greeter.prototype;
    expect([greet.name, greet.length, Greeter.prototype[SYMBOL].name]).toEqual(['greet', 1, '[secret]']);
    expect(Reflect.getMetadata('above', labelled)).toBe(1);
    expect(Reflect.getMetadata('below', labelled)).toBe(2);
    expect(Reflect.getMetadata('design:returntype', Greeter.prototype, 'greet')).toBe(Promise);
  });

  it('leaves nothing to see on the instance', async () => {
    await get(Greeter).greet('you');
    expect(Object.keys(get(Greeter))).toEqual(['name']);
    expect(JSON.stringify(get(Greeter))).toBe('{"name":"Greeter"}');
  });
});

describe('a subclass', () => {
  it('inherits the command, on its own instance', async () => {
    const before = succeeded('greetings')['Greeter.greet']!;
    expect(await get(Heir).greet('you')).toBe('hello you! from Heir');
    expect(succeeded('greetings')['Greeter.greet']).toBe(before + 1);
  });

  it('that overrides it has an ordinary method, whose super call is the command', async () => {
    expect(await get(Plain).greet('you')).toBe('hello you! from Greeter, in no call');
  });

  it('that overrides it with a command has both', async () => {
    const before = succeeded('greetings')['Greeter.greet']!;
    expect(await get(Guarded).greet('you')).toBe('hello you! from Greeter, in others/Guarded.greet');
    expect(succeeded('others')['Guarded.greet']).toBe(1);
    expect(succeeded('greetings')['Greeter.greet']).toBe(before + 1);
  });
});

describe('@Command in a place where it means nothing', () => {
  const command: (...args: any[]) => void = Command({ group: 'a' });
  const descriptorOf = Object.getOwnPropertyDescriptor;

  class Place {
    static load(): void {}
    get value(): number {
      return 1;
    }
  }

  it.each<[what: string, message: string, decorate: () => void]>([
    [
      'a static method',
      'Place.load: @Command goes on methods of instances, not on static ones',
      () => command(Place, 'load', descriptorOf(Place, 'load')),
    ],
    [
      'a getter',
      'Place.value: @Command goes on methods and classes',
      () => command(Place.prototype, 'value', descriptorOf(Place.prototype, 'value')),
    ],
    ['a property', 'Place.name: @Command goes on methods and classes', () => command(Place.prototype, 'name')],
    ['a parameter', 'Place.load: @Command goes on methods and classes', () => command(Place.prototype, 'load', 0)],
    ['a class without run()', 'Place: a class with @Command needs a method run()', () => command(Place)],
  ])('says so: %s', (_, message, decorate) => {
    expect(decorate).toThrow(message);
  });
});
