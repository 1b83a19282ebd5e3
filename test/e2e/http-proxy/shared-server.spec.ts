import { once } from 'node:events';
import { Body, Controller, ForbiddenException, Get, Param, Post, Query, type CanActivate } from '@nestjs/common';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { appCarriers } from './support/carriers.js';
import { startGateway, type RunningGateway } from './support/gateway.js';
import { startRecorder, type Recorder } from './support/recorder.js';

@Controller('users')
class UsersController {
  @Get(':id')
  load(@Param('id') id: string, @Query('mark') mark: string): object {
    return { id, mark };
  }

  @Post()
  create(@Body() body: object): object {
    return { created: body };
  }
}

/** Would let nobody in, if it were asked. */
class Closed implements CanActivate {
  canActivate(): boolean {
    throw new ForbiddenException();
  }
}

describe.each(appCarriers)('the server of an app on $name', (carrier) => {
  async function start(guarded = false): Promise<{ gateway: RunningGateway; upstream: Recorder }> {
    const upstream = await startRecorder();
    const gateway = await startGateway({
      carrier,
      proxies: [{ match: '/api/*path', upstream: upstream.origin }],
      controllers: [UsersController],
      prepare: (app) => void (guarded ? app.useGlobalGuards(new Closed()).setGlobalPrefix('app') : app),
    });
    return { gateway, upstream };
  }

  it('leaves requests that match nothing to the controllers, bodies parsed', async () => {
    const { gateway, upstream } = await start();
    const json = { 'content-type': 'application/json' };
    const created = await gateway.ask({ method: 'POST', path: '/users', headers: json, body: '{"name":"ann"}' });
    expect(created).toMatchObject({ status: 201, body: { created: { name: 'ann' } } });
    expect(await gateway.ask({ path: '/users/7?mark=x' })).toMatchObject({ status: 200, body: { id: '7', mark: 'x' } });
    expect(upstream.requests).toEqual([]);
  });

  it('leaves the answer to what matches nothing to the framework', async () => {
    const { gateway } = await start();
    const { body } = await gateway.ask({ path: '/nothing' });
    expect(body).toMatchObject({ statusCode: 404, message: 'Cannot GET /nothing' });
  });

  it.each(['application/json', 'application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x'])(
    'gives the upstream a matched body byte for byte, ahead of parsers and guards: %s',
    async (type) => {
      const { gateway, upstream } = await start(true);
      const body = Buffer.from('{ "a":1, not json%\u00ff\r\n\0', 'latin1');
      const reply = await gateway.ask({ method: 'POST', path: '/api/x', headers: { 'content-type': type }, body });
      expect(reply).toMatchObject({ status: 200, body: 'ok' });
      expect(upstream.last()).toMatchObject({ url: '/api/x', body: body.toString('latin1') });
      expect(upstream.last().headers).toMatchObject({ 'content-type': type, 'content-length': String(body.length) });
    },
  );

  it('guards what matches nothing as ever', async () => {
    const { gateway } = await start(true);
    expect(await gateway.ask({ path: '/app/users/7' })).toMatchObject({ status: 403 });
  });

  it('adds nothing of the framework to a proxied response', async () => {
    const { gateway } = await start();
    const { headers } = await gateway.ask({ path: '/api/x' });
    expect(Object.keys(headers).toSorted()).toEqual(['connection', 'content-length', 'date', 'via']);
  });

  it('asks a client that expects 100-continue to go on, where its request is for a controller', async () => {
    const { gateway } = await start();
    const headers = { 'content-type': 'application/json', expect: '100-continue' };
    const created = await gateway.ask({ method: 'POST', path: '/users', headers, body: '{"name":"ann"}' });
    expect(created).toMatchObject({ status: 201, body: { created: { name: 'ann' } } });
  });

  it('leaves a request with Upgrade that matches nothing to the controllers, where nobody takes upgrades', async () => {
    const { gateway } = await start();
    const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQAAP__' };
    expect(await gateway.ask({ path: '/users/7', headers })).toMatchObject({ status: 200, body: { id: '7' } });
    const json = { ...headers, 'content-type': 'application/json' };
    const created = await gateway.ask({ method: 'POST', path: '/users', headers: json, body: '{"name":"ann"}' });
    expect(created).toMatchObject({ status: 201, body: { created: { name: 'ann' } } });
  });

  it('leaves a websocket that matches nothing to the app', async () => {
    const sockets = new WebSocketServer({ noServer: true });
    onTestFinished(() => sockets.close());
    const upstream = await startRecorder();
    const { port } = await startGateway({
      carrier,
      proxies: [{ match: '/api/*path', upstream: upstream.origin }],
      prepare: (app) =>
        app
          .getHttpServer()
          .on('upgrade', (request: never, socket: never, head: never) =>
            sockets.handleUpgrade(request, socket, head, (client) => client.send('of the app')),
          ),
    });
    const client = new WebSocket(`ws://127.0.0.1:${port}/chat`);
    onTestFinished(() => client.terminate());
    const [message] = await once(client, 'message');
    expect(String(message)).toBe('of the app');
    expect(upstream.requests).toEqual([]);
  });
});
