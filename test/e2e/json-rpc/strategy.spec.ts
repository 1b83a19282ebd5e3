import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Server as HttpServer } from 'node:http';
import {
  BadRequestException,
  Controller,
  Inject,
  Module,
  UseGuards,
  type CanActivate,
  type INestApplicationContext,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClientsModule,
  Ctx,
  EventPattern,
  MessagePattern,
  Payload,
  RpcException,
  type MicroserviceOptions,
} from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { firstValueFrom, of, throwError, type Observable } from 'rxjs';
import type { CallContext } from 'sallyport';
import {
  headerToken,
  JsonRpcClient,
  JsonRpcError,
  JsonRpcServer,
  RpcRequest,
  type JsonRpcOptions,
  type RpcRequestInfo,
} from 'sallyport/json-rpc';
import { describe, expect, it, onTestFinished } from 'vitest';
import { deferred } from '../../support/deferred.js';
import { post } from './support/post.js';
import { openSocket } from './support/socket.js';

const heard = deferred<unknown>();

class Nobody implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

@Controller()
class Sums {
  static aborted = deferred<unknown>();
  static begun = deferred();

  @MessagePattern('sum')
  sum(numbers: number[]): number {
    return numbers.reduce((total, number) => total + number, 0);
  }

  @MessagePattern({ cmd: 'object' })
  object(): string {
    return 'by its JSON';
  }

  @MessagePattern('last')
  last(): Observable<number> {
    return of(1, 2, 3);
  }

  @MessagePattern('nothing')
  nothing(): void {}

  @MessagePattern('throws')
  throws(kind: string[]): unknown {
    const errors: Record<string, Error> = {
      purpose: new JsonRpcError(7, 'no', { why: 'so' }),
      rpc: new RpcException('no'),
      http: new BadRequestException('no'),
      bug: new Error('secret'),
    };
    return kind[1] === 'later' ? throwError(() => errors[kind[0]!]) : Promise.reject(errors[kind[0]!]);
  }

  @MessagePattern('context')
  context(@Payload() params: unknown, @Ctx() context: CallContext, @RpcRequest() request: RpcRequestInfo): unknown {
    const { transport, route, headers, attempt } = context;
    return {
      params,
      transport,
      route,
      headers,
      attempt,
      method: request.method,
      known: context.remainingMs() === Infinity,
    };
  }

  @MessagePattern('metadata')
  metadata(@Payload() _: unknown, @Ctx() context: { getMetadata(): unknown }): unknown {
    return context.getMetadata();
  }

  @MessagePattern('wait')
  wait(@Payload() _: unknown, @Ctx() { signal }: CallContext): Promise<unknown> {
    signal.addEventListener('abort', () => Sums.aborted.resolve('aborted'));
    Sums.begun.resolve();
    return Sums.aborted.promise;
  }

  @UseGuards(Nobody)
  @MessagePattern('guarded')
  guarded(): string {
    return 'secret';
  }

  @MessagePattern('private', { private: true })
  private(): string {
    return 'secret';
  }

  @EventPattern('happened')
  happened(body: unknown): void {
    heard.resolve(body);
  }
}

async function serve(
  options: JsonRpcOptions = {},
  type: Type = Sums,
): Promise<{ port: number; strategy: JsonRpcServer }> {
  @Module({ controllers: [type] })
  class AppModule {}
  const strategy = new JsonRpcServer({ port: 0, ...options });
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(AppModule, { strategy, logger: false });
  onTestFinished(() => app.close());
  await app.listen();
  return { port: (strategy.unwrap<HttpServer>().address() as AddressInfo).port, strategy };
}

async function call(port: number, method: string, params: unknown = [], headers = {}): Promise<any> {
  const { body } = await post(port, { jsonrpc: '2.0', method, params, id: 1 }, { headers });
  return body.error ?? body.result;
}

describe('JsonRpcServer', () => {
  it('lets the controllers of a microservice answer', async () => {
    const { port } = await serve();
    expect(await call(port, 'sum', [1, 2, 3])).toBe(6);
    expect(await call(port, '{"cmd":"object"}')).toBe('by its JSON');
    expect(await call(port, 'last')).toBe(3);
    expect(await call(port, 'nothing')).toBeNull();
  });

  it.each([
    [['purpose'], { code: 7, message: 'no', data: { why: 'so' } }],
    [['purpose', 'later'], { code: 7, message: 'no', data: { why: 'so' } }],
    [['rpc'], { code: -32_000, message: 'no' }],
    [['bug'], { code: -32_603, message: 'Internal error' }],
    [['bug', 'later'], { code: -32_603, message: 'Internal error' }],
    [['http'], { code: -32_603, message: 'Internal error' }],
  ])('answers %j with what may be known of it', async (kind, error) => {
    const { port } = await serve();
    expect(await call(port, 'throws', kind)).toEqual(error);
  });

  it('answers what nobody has, also what objects inherit, with Method not found', async () => {
    const { port } = await serve();
    for (const name of ['nobody', 'constructor', 'happened', 'toString']) {
      expect((await call(port, name)).code).toBe(-32_601);
    }
  });

  it('gives handlers a context and the request', async () => {
    const { port } = await serve();
    expect(await call(port, 'context', { a: 1 })).toEqual({
      params: { a: 1 },
      transport: 'json-rpc',
      route: 'context',
      headers: {},
      attempt: 1,
      method: 'context',
      known: true,
    });
  });

  it('aborts the signal of a call whose client is gone', async () => {
    const { port } = await serve({ webSocket: true });
    const socket = await openSocket(port);
    socket.send({ jsonrpc: '2.0', method: 'wait', id: 1 });
    await Sums.begun.promise;
    socket.webSocket.terminate();
    expect(await Sums.aborted.promise).toBe('aborted');
  });

  it('has private methods, and those that a guard keeps', async () => {
    const { port } = await serve({ authenticators: [headerToken('x-token', 'one')] });
    expect((await call(port, 'private')).code).toBe(-32_001);
    expect(await call(port, 'private', [], { 'x-token': 'one' })).toBe('secret');
    expect((await call(port, 'guarded')).code).toBe(-32_000);
  });

  it('lets notifications be events', async () => {
    const { port } = await serve();
    const { status } = await post(port, { jsonrpc: '2.0', method: 'happened', params: { a: 1 } });
    expect(status).toBe(204);
    expect(await heard.promise).toEqual({ a: 1 });
  });

  it('tells the hooks of Nest of every call', async () => {
    const told: string[] = [];
    const { strategy, port } = await servedWith((server) => {
      server.setOnProcessingStartHook(async (_, context, run) => {
        told.push(`start ${(context as { route?: string }).route}`);
        await run();
      });
      server.setOnProcessingEndHook((_, context) => void told.push(`end ${(context as { route?: string }).route}`));
    });
    expect(await call(port, 'sum', [1])).toBe(1);
    expect((await call(port, 'throws', ['bug'])).code).toBe(-32_603);
    expect(told).toEqual(['start sum', 'end sum', 'start throws', 'end throws']);
    expect(strategy.unwrap<HttpServer>().listening).toBe(true);
  });

  it('needs a port', async () => {
    const strategy = new JsonRpcServer();
    const failed = new Promise((resolve) => strategy.listen(resolve));
    expect(String(await failed)).toContain('JsonRpcServer.port: is required');
    expect(() => strategy.unwrap()).toThrow('does not listen yet');
    expect(() => new JsonRpcServer({ maxBatch: 0 })).toThrow('JsonRpcServer.maxBatch');
  });

  it('passes on the events of its HTTP server, also from before it listened', async () => {
    const connected = deferred();
    const { port } = await servedWith((server) => server.on('connection', () => connected.resolve()));
    expect(await call(port, 'sum', [1])).toBe(1);
    await connected.promise;
  });

  it('stands beside an HTTP app, and its clients in a ClientsModule', async () => {
    const strategy = new JsonRpcServer({ port: 0 });
    const clients = ClientsModule.registerAsync([
      {
        name: 'SUMS',
        useFactory: () => {
          const { port } = strategy.unwrap<HttpServer>().address() as AddressInfo;
          return { customClass: JsonRpcClient, options: { url: `http://127.0.0.1:${port}/api` } };
        },
      },
    ]);
    class Asks {
      constructor(@Inject('SUMS') readonly sums: JsonRpcClient) {}
    }
    @Module({ controllers: [Sums] })
    class AppModule {}
    @Module({ imports: [clients], providers: [Asks] })
    class ClientModule {}
    const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: false });
    onTestFinished(() => app.close());
    app.connectMicroservice({ strategy });
    await app.startAllMicroservices();
    const other = await NestFactory.createApplicationContext(ClientModule, { logger: false });
    onTestFinished(() => other.close());
    const { sums } = other.get(Asks);
    expect(await firstValueFrom(sums.send('sum', [1, 2]))).toBe(3);
    sums.setOnDispatchHook((packet) => Object.assign(packet, { metadata: { trace: 'ä-1' } }));
    expect(await firstValueFrom(sums.send('metadata', []))).toEqual({ trace: 'ä-1' });
  });
});

async function servedWith(
  prepare: (server: JsonRpcServer) => void,
): Promise<{ port: number; strategy: JsonRpcServer }> {
  @Module({ controllers: [Sums] })
  class AppModule {}
  const strategy = new JsonRpcServer({ port: 0 });
  prepare(strategy);
  const app: INestApplicationContext & { listen(): Promise<unknown> } =
    await NestFactory.createMicroservice<MicroserviceOptions>(AppModule, { strategy, logger: false });
  onTestFinished(() => app.close());
  await app.listen();
  const server = strategy.unwrap<HttpServer>();
  if (!server.listening) await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, strategy };
}
