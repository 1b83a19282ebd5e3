import { once } from 'node:events';
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BadRequestException, Controller, Get, Injectable, UseGuards } from '@nestjs/common';
import { NestFactory, type AbstractHttpAdapter } from '@nestjs/core';
import { Payload } from '@nestjs/microservices';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  CircuitOpenError,
  currentCall,
  GatewayModule,
  http,
  InvalidCallError,
  Route,
  type GatewayOptions,
} from 'sallyport';
import { describe, expect, it, onTestFinished } from 'vitest';
import { deferred } from '../../support/deferred.js';
import { moduleOf } from './support/app.js';

interface Sent {
  params: Record<string, string>;
  query: Record<string, string>;
  body: unknown;
  headers: Record<string, string>;
}

@Injectable()
class Orders {
  begun = deferred();
  aborted = deferred<unknown>();

  @Route(http.get('/orders/:id'))
  @Route(http.put('/orders/:id'))
  @Route(http.delete('/orders/:id'))
  find({ params, query, body, headers }: Sent): unknown {
    return { params, query, body: body ?? null, trace: headers['x-trace'], route: currentCall().route };
  }

  @Route(http.post('/orders'))
  @Route(http.patch('/orders'))
  create(@Payload('body') body: unknown): unknown {
    return { created: body };
  }

  @Route(http.get('/nothing'))
  nothing(): void {}

  @Route(http.get('/null'))
  null(): null {
    return null;
  }

  @Route(http.get('/fails/:how'))
  fails({ params }: Sent): unknown {
    if (params['how'] === 'invalid') throw new InvalidCallError('bad', [{ path: 'id', message: 'is missing' }]);
    if (params['how'] === 'open') throw new CircuitOpenError('open', 1_500);
    if (params['how'] === 'http') throw new BadRequestException('no such order');
    if (params['how'] === 'bigint') return 1n;
    throw new Error('secret');
  }

  @Route(http.get('/guarded'))
  @UseGuards({ canActivate: () => false })
  guarded(): void {}

  @Route(http.get('/slow'), { timeoutMs: 30 })
  slow(): Promise<void> {
    return new Promise((resolve) => currentCall().signal.addEventListener('abort', () => resolve()));
  }

  @Route(http.get('/gone'))
  gone(): Promise<void> {
    const { signal } = currentCall();
    this.begun.resolve();
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        this.aborted.resolve(signal.reason);
        resolve();
      });
    });
  }

  @Route(http.get('/context'))
  context(): unknown {
    const { headers, traceparent, correlationId, id } = currentCall();
    const timed = Number.isFinite(currentCall().deadline) && currentCall().remainingMs() < 5_000;
    return {
      baggage: headers['baggage'],
      traceparent,
      known: correlationId === 'a-1',
      own: correlationId === id,
      timed,
    };
  }
}

@Controller()
class Beside {
  @Get('beside')
  beside(): string {
    return 'controller';
  }
}

const platforms: [string, () => AbstractHttpAdapter][] = [
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
];

interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  body: unknown;
}

async function listening(adapter: AbstractHttpAdapter, options: GatewayOptions = {}) {
  const module = moduleOf({ imports: [GatewayModule.forRoot(options)], providers: [Orders], controllers: [Beside] });
  const app = await NestFactory.create(module, adapter, { logger: false, abortOnError: false });
  onTestFinished(() => app.close());
  app.setGlobalPrefix('api');
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { app, port, orders: app.get(Orders) };
}

async function fetched(port: number, method: string, path: string, body?: unknown, headers = {}): Promise<Reply> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const sized = text === '' ? {} : { 'content-type': 'application/json', 'content-length': text.length };
  const sent = request({ port, method, path, host: '127.0.0.1', agent: false, headers: { ...headers, ...sized } });
  sent.end(text);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const received = Buffer.concat(chunks).toString();
  const isJson = response.headers['content-type']?.startsWith('application/json') ?? false;
  return {
    status: response.statusCode!,
    headers: response.headers,
    body: isJson ? (JSON.parse(received) as unknown) : received,
  };
}

describe.each(platforms)('http entrypoints on %s', (_, adapter) => {
  it('lead to handlers with params, query, body and headers', async () => {
    const { port } = await listening(adapter());
    const found = { params: { id: '7' }, query: { a: '1' }, body: null, route: 'Orders.find' };
    expect((await fetched(port, 'GET', '/orders/7?a=1', undefined, { 'X-Trace': 't' })).body).toMatchObject({
      ...found,
      trace: 't',
    });
    expect((await fetched(port, 'PUT', '/orders/7?a=1', { b: 2 })).body).toMatchObject({ ...found, body: { b: 2 } });
    expect((await fetched(port, 'DELETE', '/orders/7', {})).status).toBe(200);
  });

  it('answer with JSON, and the status that a controller would have', async () => {
    const { port } = await listening(adapter());
    const created = await fetched(port, 'POST', '/orders', { id: 7 });
    expect(created).toMatchObject({ status: 201, body: { created: { id: 7 } } });
    expect(created.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(await fetched(port, 'PATCH', '/orders', [])).toMatchObject({ status: 200, body: { created: [] } });
    expect(await fetched(port, 'GET', '/nothing')).toMatchObject({ status: 204, body: '' });
    expect(await fetched(port, 'GET', '/null')).toMatchObject({ status: 200, body: null });
  });

  it('answer for errors by their code, and tell nothing of those that are our own', async () => {
    const { port } = await listening(adapter());
    const invalid = { code: 'INVALID_CALL', message: 'bad', data: { issues: [{ path: 'id', message: 'is missing' }] } };
    expect(await fetched(port, 'GET', '/fails/invalid')).toMatchObject({ status: 400, body: invalid });
    const open = await fetched(port, 'GET', '/fails/open');
    expect(open).toMatchObject({ status: 503, body: { code: 'CIRCUIT_OPEN', data: { retryAfterMs: 1_500 } } });
    expect(open.headers['retry-after']).toBe('2');
    expect(await fetched(port, 'GET', '/fails/http')).toMatchObject({
      status: 400,
      body: { message: 'no such order' },
    });
    const internal = { status: 500, body: { code: 'INTERNAL_ERROR', message: 'Internal server error' } };
    expect(await fetched(port, 'GET', '/fails/otherwise')).toMatchObject(internal);
    expect(await fetched(port, 'GET', '/fails/bigint')).toMatchObject(internal);
    expect(await fetched(port, 'GET', '/guarded')).toMatchObject({ status: 403, body: { code: 'ACCESS_DENIED' } });
    expect(await fetched(port, 'GET', '/slow')).toMatchObject({ status: 504, body: { code: 'CALL_TIMEOUT' } });
  });

  it('stand beside controllers, outside of the global prefix, and before what is not found', async () => {
    const { port } = await listening(adapter());
    expect((await fetched(port, 'GET', '/api/orders/7')).status).toBe(404);
    expect((await fetched(port, 'GET', '/none')).status).toBe(404);
  });

  it('cancel the call when the client goes away', async () => {
    const { port, orders } = await listening(adapter());
    const sent = request({ port, path: '/gone', host: '127.0.0.1', agent: false }).end();
    sent.on('error', () => {});
    await orders.begun.promise;
    sent.destroy();
    expect(await orders.aborted.promise).toMatchObject({
      code: 'CALL_CANCELLED',
      cause: { message: 'the client has gone' },
    });
  });

  it.each([false, true])('believe what anybody says of the call only where they may (%s)', async (trustContext) => {
    const { port } = await listening(adapter(), { trustContext });
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const headers = { 'Sallyport-Deadline-Ms': '4000', 'sallyport-call-id': 'a-1', baggage: 'b=1', traceparent };
    const { body } = await fetched(port, 'GET', '/context', undefined, headers);
    const expected = trustContext
      ? { baggage: 'b=1', known: true, own: false, timed: true }
      : { known: false, own: true, timed: false };
    expect(body).toEqual({ traceparent, ...expected });
  });
});

describe('an http entrypoint', () => {
  it('needs a path, and a server', async () => {
    @Injectable()
    class Bad {
      @Route(http.get('orders'))
      one(): void {}

      @Route(http.post('/orders'))
      two(): void {}

      @Route(http.post('/orders'))
      three(): void {}
    }
    const module = moduleOf({ imports: [GatewayModule.forRoot()], providers: [Bad] });
    const context = NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
    const server = 'needs an HTTP server, and this app has none: use NestFactory.create()';
    await expect(context).rejects.toMatchObject({
      problems: [
        { path: 'Bad.one @Route http.get()', message: 'needs a path like "/orders", got "orders"' },
        { path: 'Bad.one @Route http.get()', message: server },
        { path: 'Bad.two @Route http.post()', message: server },
        { path: 'Bad.three @Route http.post()', message: server },
        { path: 'Bad.three @Route', message: 'has the same entrypoint as Bad.two @Route' },
      ],
    });
  });
});
