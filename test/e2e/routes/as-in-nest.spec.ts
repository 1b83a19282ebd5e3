import {
  BadRequestException,
  Controller,
  createParamDecorator,
  Inject,
  Injectable,
  ParseIntPipe,
  Scope,
  StandardSchemaValidationPipe,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  type ExecutionContext,
  type Type,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, NestFactory, REQUEST } from '@nestjs/core';
import { Ctx, MessagePattern, Payload, RpcException, Server } from '@nestjs/microservices';
import { lastValueFrom, of, throwError } from 'rxjs';
import { ExposedMethod } from 'sallyport';
import { describe, expect, it, onTestFinished } from 'vitest';
import { moduleOf, run } from './support/app.js';
import { filter, guard, interceptor, pipe, steps, taken } from './support/steps.js';

const Where = createParamDecorator((data: unknown, context: ExecutionContext) => {
  const rpc = context.switchToRpc();
  return `${String(data)} ${context.getType()} ${JSON.stringify(rpc.getData())} ${typeof rpc.getContext()}`;
});

let made = 0;

@Injectable({ scope: Scope.REQUEST })
class PerCall {
  readonly number = ++made;

  constructor(@Inject(REQUEST) readonly request: { getData(): unknown; getPattern(): string }) {}
}

/** A schema that adds one. */
const positive = {
  '~standard': {
    version: 1 as const,
    vendor: 'here',
    validate: (value: unknown) =>
      Number(value) > 0 ? { value: Number(value) + 1 } : { issues: [{ message: 'too low' }] },
  },
};

/** What a microservice's context is not: plain. */
class WireContext {
  readonly wire = 'none';
}

/** Every method is both a handler of a microservice and a route. */
abstract class Handlers {
  @MessagePattern('plain')
  @ExposedMethod('plain')
  plain(@Payload() payload: unknown): unknown {
    steps.push('handler');
    return payload;
  }

  @MessagePattern('part')
  @ExposedMethod('part')
  part(@Payload('id', ParseIntPipe) id: number, @Ctx() context: unknown, @Where('here') where: string): unknown {
    steps.push(`handler has ${id} (${typeof id}), ${typeof context}, ${where}`);
    return id;
  }

  @MessagePattern('guarded')
  @ExposedMethod('guarded')
  @UseGuards(guard('method'))
  @UseInterceptors(interceptor('method'))
  @UsePipes(pipe('method'))
  guarded(@Payload('a', pipe('parameter')) value: unknown): unknown {
    steps.push('handler');
    return value;
  }

  @MessagePattern('validated')
  @ExposedMethod('validated')
  validated(@Payload({ schema: positive, pipes: [new StandardSchemaValidationPipe()] }) value: unknown): unknown {
    steps.push(`handler has ${JSON.stringify(value)}`);
    return value;
  }

  @MessagePattern('stream')
  @ExposedMethod('stream')
  @UseInterceptors(interceptor('stream'))
  stream(@Payload() values: number[]): unknown {
    return of(...values);
  }

  @MessagePattern('filtered')
  @ExposedMethod('filtered')
  @UseFilters(filter('other', RangeError), filter('method', BadRequestException))
  filtered(@Payload() message: string): never {
    throw new BadRequestException(message);
  }

  @MessagePattern('streamed error')
  @ExposedMethod('streamed_error')
  @UseFilters(filter('method'))
  streamedError(@Payload() message: string): unknown {
    return throwError(() => new Error(message));
  }

  @MessagePattern('class filtered')
  @ExposedMethod('class_filtered')
  classFiltered(@Payload() message: string): never {
    throw new RangeError(message);
  }
}

@Controller()
@UseGuards(guard('class'))
@UseInterceptors(interceptor('class'))
@UsePipes(pipe('class'))
@UseFilters(filter('class', RangeError))
class Decorated extends Handlers {}

@Controller()
class Bare extends Handlers {}

@Controller()
class Scoped extends Handlers {
  constructor(@Inject(PerCall) private readonly perCall: PerCall) {
    super();
    steps.push(`made with ${JSON.stringify(perCall.request.getData())}`);
  }

  override plain(payload: unknown): unknown {
    return [super.plain(payload), this.perCall.request.getData()];
  }
}
for (const decorate of [MessagePattern('plain'), ExposedMethod('plain')]) {
  decorate(Scoped.prototype, 'plain', Object.getOwnPropertyDescriptor(Scoped.prototype, 'plain')!);
}

/** A strategy without a wire. */
class Direct extends Server {
  listen(callback: () => void): void {
    callback();
  }

  close(): void {}
  on(): void {}
  unwrap<T>(): T {
    return this as never;
  }

  async call(pattern: string, payload: unknown): Promise<unknown> {
    const handler = this.getHandlerByPattern(pattern)!;
    return lastValueFrom(this.transformToObservable(await handler(payload, new WireContext())));
  }
}

const globals = [
  { provide: APP_GUARD, useClass: guard('global') },
  { provide: APP_INTERCEPTOR, useClass: interceptor('global') },
  { provide: APP_PIPE, useClass: pipe('global') },
  { provide: APP_FILTER, useClass: filter('global', RangeError, RpcException) },
];

type Call = (name: string, payload: unknown) => Promise<unknown>;

async function inNest(type: Type, providers: object[]): Promise<Call> {
  const strategy = new Direct();
  const module = moduleOf({ controllers: [type], providers: [PerCall, ...providers] as never });
  const app = await NestFactory.createMicroservice(module, { strategy, logger: false, abortOnError: false });
  onTestFinished(() => app.close());
  await app.listen();
  return (name, payload) => strategy.call(name.replace('_', ' '), payload);
}

async function here(type: Type, providers: object[]): Promise<Call> {
  const { wire } = await run({ controllers: [type], providers: [PerCall, ...providers] as never });
  return (name, payload) => wire.call(name, payload as object);
}

const calls: [name: string, payload: unknown][] = [
  ['plain', { a: 1 }],
  ['part', { id: '7' }],
  ['guarded', { a: 1 }],
  ['validated', 1],
  ['validated', -1],
  ['stream', [1, 2, 3]],
  ['filtered', 'bad'],
  ['streamed_error', 'down'],
  ['class_filtered', 'far'],
];

/** What was given or thrown, and what happened on the way. */
async function trace(call: Call, name: string, payload: unknown): Promise<unknown> {
  taken();
  const result = await call(name, payload).then(
    (value) => ({ value }),
    () => ({ failed: true }),
  );
  const all = taken();
  // Parameters go through their pipes side by side in Nest, and one after the other here where the pipes are sync.
  const pipes = all.filter((step) => step.startsWith('pipe'));
  const byParameter = pipes.toSorted((one, other) => one.split(' sees ')[1]!.localeCompare(other.split(' sees ')[1]!));
  return { result, pipes: byParameter, steps: all.filter((step) => !step.startsWith('pipe')) };
}

describe.each([
  ['bare', Bare],
  ['with enhancers of its class', Decorated],
  ['made for each call', Scoped],
] as const)('a controller, %s', (_, type) => {
  it.each([
    ['without', []],
    ['with', globals],
  ])('is served as by a microservice, %s global enhancers', async (__, providers) => {
    const [nest, ours] = [await inNest(type, providers), await here(type, providers)];
    for (const [name, payload] of calls) {
      expect(await trace(ours, name, payload), name).toEqual(await trace(nest, name, payload));
    }
  });
});
