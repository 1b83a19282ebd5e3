import { Inject, Injectable, Module, Scope, type Provider } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest';
import { GatewayModule } from '../gateway.module.js';
import { Command } from './command.decorator.js';
import { InjectCommand, type BoundCommand } from './inject-command.js';
import type { QueuedCommand } from './queued-command.js';

@Injectable()
class Rates {
  readonly rates = new Map([['EUR', 2]]);
}

@Command({ group: 'rates' })
class GetRate {
  constructor(@Inject(Rates) private readonly store: Rates) {}

  async run(currency: string, factor = 1): Promise<number | undefined> {
    const rate = this.store.rates.get(currency);
    return rate && rate * factor;
  }
}

@Injectable()
class ByConstructor {
  constructor(@InjectCommand(GetRate) readonly getRate: BoundCommand<typeof GetRate>) {}
}

@Injectable()
class ByProperty {
  @InjectCommand(GetRate) readonly getRate!: BoundCommand<typeof GetRate>;
}

@Injectable()
class Heir extends ByProperty {}

@Injectable({ scope: Scope.REQUEST })
class PerRequest extends ByConstructor {}

@Module({ providers: [ByProperty] })
class FeatureModule {}

async function boot() {
  const app = await Test.createTestingModule({
    imports: [GatewayModule.forRoot(), FeatureModule],
    providers: [Rates, GetRate, ByConstructor, Heir, PerRequest],
  }).compile();
  onTestFinished(() => app.close());
  return app.init();
}

describe('@InjectCommand', () => {
  it.each([ByConstructor, ByProperty, Heir])('gives %o the command, bound', async (type) => {
    const { getRate } = (await boot()).get(type);
    expect(await getRate.execute('EUR')).toBe(2);
    expect(await getRate.execute('EUR', 3)).toBe(6);
  });

  it('gives it to what is made for each request, too', async () => {
    const { getRate } = await (await boot()).resolve(PerRequest);
    expect(await getRate.execute('EUR')).toBe(2);
  });

  it('gives a command that can be queued', async () => {
    const queued = (await boot()).get(ByConstructor).getRate.queue('EUR');
    expect(queued.state).toBe('running');
    expect(await queued).toBe(2);
  });

  it('may be in a class that is loaded after the module was', async () => {
    const gateway = GatewayModule.forRoot();
    @Command({ group: 'rates' })
    class Late {
      run(): string {
        return 'late';
      }
    }
    @Injectable()
    class Consumer {
      constructor(@InjectCommand(Late) readonly late: BoundCommand<typeof Late>) {}
    }
    const app = await Test.createTestingModule({ imports: [gateway], providers: [Late, Consumer] }).compile();
    onTestFinished(() => app.close());
    await app.init();
    expect(await app.get(Consumer).late.execute()).toBe('late');
  });

  it('gives what stands in for the command: a value, another class, what a factory makes', async () => {
    class FixedRate {
      run(): number {
        return 1;
      }
    }
    const standIns: Provider[] = [
      { provide: GetRate, useValue: { run: () => 1 } },
      { provide: GetRate, useClass: FixedRate },
      {
        provide: GetRate,
        useFactory: function create() {
          return new FixedRate();
        },
      },
    ];
    for (const standIn of standIns) {
      const imports = [GatewayModule.forRoot()];
      const app = await Test.createTestingModule({ imports, providers: [ByConstructor, standIn] }).compile();
      onTestFinished(() => app.close());
      await app.init();
      expect(await app.get(ByConstructor).getRate.execute('EUR')).toBe(1);
    }
  });

  it('is bound to its own app', async () => {
    const [one, other] = [await boot(), await boot()];
    one.get(Rates).rates.set('EUR', 100);
    expect(await one.get(ByConstructor).getRate.execute('EUR')).toBe(100);
    expect(await other.get(ByConstructor).getRate.execute('EUR')).toBe(2);
  });

  it('knows the arguments and the result of the command', () => {
    type Bound = BoundCommand<typeof GetRate>;
    expectTypeOf<Parameters<Bound['execute']>>().toEqualTypeOf<[currency: string, factor?: number]>();
    expectTypeOf<ReturnType<Bound['execute']>>().toEqualTypeOf<Promise<number | undefined>>();
    expectTypeOf<ReturnType<Bound['queue']>>().toEqualTypeOf<QueuedCommand<number | undefined>>();
  });
});
