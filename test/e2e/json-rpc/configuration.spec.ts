import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { GatewayModule } from 'sallyport';
import { headerToken, jsonRpc, websocket, type Authenticator } from 'sallyport/json-rpc';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Echo } from './support/echo.js';
import { post } from './support/post.js';
import { startService } from './support/service.js';

@Injectable()
class Everybody implements Authenticator {
  authenticate(): boolean {
    return true;
  }
}

describe('jsonRpc()', () => {
  it('says all that is wrong with its options at once', () => {
    const options = {
      path: 'api',
      port: 70_000,
      http: 1,
      maxBatch: 0,
      batchConcurrency: 1.5,
      heartbeatMs: 0,
      allowedOrigins: ['https://a.example/path'],
      authenticators: [{}],
      maxBodyByte: 1,
    };
    expect(() => jsonRpc(options as never)).toThrow(
      [
        'jsonRpc.path: must be a path from "/" on, got "api"',
        'jsonRpc.port: must be at most 65535',
        'jsonRpc.http: must be true or false, got 1',
        'jsonRpc.maxBatch: must be a whole number of at least 1, got 0',
        'jsonRpc.batchConcurrency: must be a whole number of at least 1, got 1.5',
        'jsonRpc.heartbeatMs: must be a number above 0, got 0',
        'jsonRpc.allowedOrigins: must be an array of origins, as "https://example.org", got "https://a.example/path"',
        'jsonRpc.authenticators: must be an array of authenticators, got an object',
        'jsonRpc.maxBodyByte: is not an option; did you mean maxBodyBytes?',
      ].join('\n'),
    );
    expect(() => websocket({ maxDepth: -1 })).toThrow('websocket.maxDepth');
    expect(() => jsonRpc({ http: false })).toThrow('jsonRpc.http: is false, and so is webSocket: nobody could call');
    expect(() => headerToken('x')).toThrow('headerToken: needs at least one token');
  });

  it('fails bootstrap where an authenticator is no provider', async () => {
    const started = startService({ providers: [Echo], options: { authenticators: [Everybody] } });
    await expect(started).rejects.toThrow('jsonRpc.authenticators[0]: Everybody is no provider of this app');
  });

  it('fails bootstrap where the app has no server and it has no port', async () => {
    const started = startService({ providers: [Echo], transport: () => jsonRpc() });
    await expect(started).rejects.toThrow('jsonRpc.port: is required in an app without an HTTP server');
  });

  it('fails bootstrap where its port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const started = startService({ providers: [Echo], options: { port, webSocket: true } });
    await expect(started).rejects.toThrow(`jsonRpc.port: ${port} on 127.0.0.1 is in use`);
  });

  it('works from forRootAsync, with classes as authenticators', async () => {
    const authenticators = [Everybody];
    const useFactory = (): object => ({ service: 'accounts', transports: [jsonRpc({ authenticators })] });
    @Module({
      imports: [GatewayModule.forRootAsync({ useFactory, provide: [jsonRpc] })],
      providers: [Echo, Everybody],
    })
    class AppModule {}
    const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: false, abortOnError: false });
    onTestFinished(() => app.close());
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    expect((await post(port, { jsonrpc: '2.0', method: 'secret', id: 1 })).body.result).toBe('secret');
  });

  it('lets an app have several', async () => {
    const [one, other] = [jsonRpc({ port: 0 }), jsonRpc({ port: 0, path: '/rpc', legacyEnvelope: true })];
    const gateway = GatewayModule.forRoot({ service: 'accounts', transports: [one, other] });
    @Module({ imports: [gateway], providers: [Echo] })
    class AppModule {}
    const app = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
    onTestFinished(() => app.close());
    const message = { jsonrpc: '2.0', method: 'echo', params: [1], id: 1 };
    const answers = [
      await post(one.health()['port'] as number, message),
      await post(other.health()['port'] as number, message, { path: '/rpc' }),
    ];
    expect(answers.map(({ body }) => 'error' in body)).toEqual([false, true]);
    expect(one.health()).toEqual({ status: 'up', port: expect.any(Number) });
    await app.close();
    expect(one.health()).toEqual({ status: 'down' });
  });
});
