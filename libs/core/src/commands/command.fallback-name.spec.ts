import { Injectable, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ConfigurationError } from '../errors.js';
import { GatewayModule } from '../gateway.module.js';
import { Command } from './command.decorator.js';
import type { CommandOptions } from './command.options.js';

/** The problems that an app with these providers does not start for, in the form of the message. */
async function problems(...providers: Type[]): Promise<string[]> {
  const app = await Test.createTestingModule({ imports: [GatewayModule.forRoot()], providers }).compile();
  onTestFinished(() => app.close());
  return app.init().then(
    () => [],
    (error: ConfigurationError) => error.problems.map(({ path, message }) => `${path}: ${message}`),
  );
}

/** With options that the types forbid. */
const Unchecked = (options: unknown) => Command(options as CommandOptions);

describe('an app does not start', () => {
  it('for a fallback that is no method of the class', async () => {
    class Forgetful {
      readonly field = 1;

      @Unchecked({ group: 'a', fallback: 'anonymous' })
      async load(): Promise<void> {}

      @Unchecked({ group: 'a', fallback: 'field' })
      async other(): Promise<void> {}

      @Unchecked({ group: 'a', fallback: 7 })
      async third(): Promise<void> {}
    }
    expect(await problems(Forgetful)).toEqual([
      'Forgetful.third.fallback: must be the name of a public method of the same class, or a function (error, ...args)',
      'Forgetful.load.fallback: Forgetful has no method "anonymous"',
      'Forgetful.other.fallback: Forgetful has no method "field"',
    ]);
  });

  it('for a command that is its own fallback', async () => {
    class Endless {
      @Unchecked({ group: 'a', fallback: 'load' })
      async load(): Promise<void> {}
    }
    expect(await problems(Endless)).toEqual(['Endless.load.fallback: is the command itself']);
  });

  it('for a command class that names its fallback', async () => {
    @Unchecked({ group: 'a', fallback: 'instead' })
    class Named {
      run(): void {}
    }
    expect(await problems(Named)).toEqual(['Named.fallback: is not for classes: give the class a method fallback()']);
  });
});

describe('an app starts', () => {
  it('with a fallback that only the subclasses have', async () => {
    abstract class Base {
      @Command({ group: 'a', fallback: 'instead' })
      async load(): Promise<string> {
        throw new Error('down');
      }

      abstract instead(error: Error): string;
    }
    @Injectable()
    class Concrete extends Base {
      instead({ message }: Error): string {
        return `instead of ${message}`;
      }
    }
    expect(await problems(Concrete)).toEqual([]);
  });
});
