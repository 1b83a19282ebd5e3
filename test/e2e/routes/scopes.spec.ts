import { AsyncLocalStorage } from 'node:async_hooks';
import {
  Controller,
  Inject,
  Injectable,
  Module,
  Scope,
  UseGuards,
  UseInterceptors,
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import {
  ContextIdFactory,
  REQUEST,
  type ContextId,
  type ContextIdStrategy,
  type HostComponentInfo,
} from '@nestjs/core';
import { type Observable } from 'rxjs';
import { backoff, currentCall, EventHandler, Events, ExposedMethod, type CallContext } from 'sallyport';
import { waitForCall } from 'sallyport/testing';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { run } from './support/app.js';
import { steps, taken } from './support/steps.js';

let made = 0;
beforeEach(() => {
  made = 0;
  taken();
});

interface Request {
  readonly pattern: string;
  readonly data: unknown;
  getContext(): CallContext;
}

@Injectable({ scope: Scope.REQUEST })
class Tenant {
  readonly number = ++made;

  constructor(@Inject(REQUEST) readonly request: Request) {}
}

@Injectable()
class PerCall {
  constructor(private readonly tenant: Tenant) {}

  @ExposedMethod()
  who(): unknown {
    const { number, request } = this.tenant;
    return { number, data: request.data, pattern: request.pattern, same: request.getContext() === currentCall() };
  }

  @EventHandler('seen', { backoff: backoff({ maxRetries: 0 }), callback: 'lost' })
  seen(): never {
    throw new Error(`failed in ${this.tenant.number}`);
  }

  lost(_payload: unknown, error: Error): void {
    steps.push(`${error.message}, lost in ${this.tenant.number}`);
  }
}

@Controller()
class PerCallController extends PerCall {}

@Injectable({ scope: Scope.TRANSIENT })
class Transient {
  readonly number = ++made;

  @ExposedMethod()
  one(): number {
    return this.number;
  }
}

describe('a handler that depends on the request', () => {
  it.each([
    ['provider', { providers: [Tenant, PerCall] }],
    ['controller', { providers: [Tenant], controllers: [PerCallController] }],
  ])('is made for each call, as a %s', async (_, setup) => {
    const { wire } = await run(setup);
    expect(await wire.call('who', [1])).toEqual({ number: 1, data: [1], pattern: 'who', same: true });
    expect(await wire.call('who', [2])).toMatchObject({ number: 2, data: [2] });
  });

  it('is made for its callback too', async () => {
    const { app } = await run({ providers: [Tenant, PerCall] });
    const handled = waitForCall(app, 'PerCall.seen');
    await app.get(Events).emit('seen', {});
    await handled;
    await app.close();
    expect(taken()).toEqual(['failed in 1, lost in 2']);
  });

  it('that cannot be made fails the call', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Broken {
      constructor() {
        throw new Error('cannot be made');
      }

      @ExposedMethod()
      never(): void {}
    }
    const { wire } = await run({ providers: [Broken] });
    await expect(wire.call('never')).rejects.toMatchObject({ message: 'cannot be made' });
  });
});

it('has one instance of its own of a transient provider', async () => {
  const { wire } = await run({ providers: [Transient] });
  expect(await wire.call('one')).toBe(await wire.call('one'));
});

it('has a guard that is made for each call, on a provider under another token', async () => {
  @Injectable({ scope: Scope.REQUEST })
  class Asking implements CanActivate {
    constructor(private readonly tenant: Tenant) {}

    canActivate(): boolean {
      return this.tenant.request.data === 'please';
    }
  }
  @Injectable()
  class Door {
    @ExposedMethod()
    @UseGuards(Asking)
    open(): string {
      return 'open';
    }
  }
  @Module({ providers: [Tenant, Asking, { provide: 'door', useClass: Door }] })
  class Doors {}
  const { wire } = await run({ imports: [Doors] });
  expect(await wire.call('open', 'please' as never)).toBe('open');
  await expect(wire.call('open', [])).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
});

it('shares what is durable as its strategy says', async () => {
  const trees = new Map<string, ContextId>();
  const byTenant: ContextIdStrategy<Request & { getData(): { tenant: string } }> = {
    attach(contextId, request) {
      const { tenant } = request.getData();
      const tree = trees.get(tenant) ?? ContextIdFactory.create();
      trees.set(tenant, tree);
      return {
        payload: { tenant },
        resolve: ({ isTreeDurable }: HostComponentInfo) => (isTreeDurable ? tree : contextId),
      };
    },
  };
  ContextIdFactory.apply(byTenant);
  onTestFinished(() => ContextIdFactory.apply(undefined as never));

  @Injectable({ scope: Scope.REQUEST, durable: true })
  class Connection {
    readonly number = ++made;

    constructor(@Inject(REQUEST) private readonly request: { tenant: string }) {}

    @ExposedMethod()
    which(): unknown {
      return { number: this.number, tenant: this.request.tenant };
    }
  }
  const { wire } = await run({ providers: [Connection] });
  expect(await wire.call('which', { tenant: 'blue' })).toEqual({ number: 1, tenant: 'blue' });
  expect(await wire.call('which', { tenant: 'green' })).toEqual({ number: 2, tenant: 'green' });
  expect(await wire.call('which', { tenant: 'blue' })).toEqual({ number: 1, tenant: 'blue' });
});

it('goes on in the async context that an interceptor opens around it', async () => {
  const storage = new AsyncLocalStorage<string>();
  @Injectable()
  class Opening implements NestInterceptor {
    intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
      return storage.run('opened', () => next.handle());
    }
  }
  @Injectable()
  class Inside {
    @ExposedMethod()
    @UseInterceptors(Opening)
    async stored(): Promise<unknown> {
      await Promise.resolve();
      return [storage.getStore(), currentCall().route];
    }
  }
  const { wire } = await run({ providers: [Inside] });
  expect(await wire.call('stored')).toEqual(['opened', 'stored']);
});
