import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { UseGuards } from '@nestjs/common';
import { ExposedMethod, type CallContext } from 'sallyport';
import { bearer, cookieToken, headerToken, type Authenticator, type RpcRequestInfo } from 'sallyport/json-rpc';
import { describe, expect, it } from 'vitest';
import { Echo } from './support/echo.js';
import { post, type Posted } from './support/post.js';
import { startService } from './support/service.js';
import { openSocket } from './support/socket.js';

const secret = { jsonrpc: '2.0', method: 'secret', id: 1 };
const denied = { code: -32_001, message: 'Access denied', data: { code: 'ACCESS_DENIED' } };

async function reply(port: number, headers: Posted['headers'], message: unknown = secret): Promise<any> {
  const { body } = await post(port, message, { headers });
  return body.error ?? body.result;
}

describe('a private method', () => {
  it('is refused where nobody could say who calls', async () => {
    const { port } = await startService({ providers: [Echo] });
    expect(await reply(port, { authorization: 'Bearer x' })).toEqual(denied);
  });

  it('is refused before anybody looks at the params, or says that there is no such thing', async () => {
    const { port } = await startService({ providers: [Echo] });
    const wrong = { ...secret, method: 'other', params: { wrong: 1 } };
    expect(await reply(port, {}, wrong)).toEqual(denied);
  });

  it.each([
    ['the token', { 'x-api-token': 'one' }, 'secret'],
    ['the other token', { 'X-Api-Token': 'two, three' }, 'secret'],
    ['another', { 'x-api-token': 'on' }, denied],
    ['a longer one', { 'x-api-token': 'onetwo, three' }, denied],
    ['an empty one', { 'x-api-token': '' }, denied],
    ['none', {}, denied],
  ])('with headerToken, to who sends %s', async (_, headers, expected) => {
    const authenticators = [headerToken('X-Api-Token', 'one', 'two, three')];
    const { port } = await startService({ providers: [Echo], options: { authenticators } });
    expect(await reply(port, headers as Posted['headers'])).toEqual(expected);
  });

  it.each([
    ['a=b; AuthToken=one; c=d', 'secret'],
    ['AuthToken="one"', 'secret'],
    ['AuthToken=two%20words', 'secret'],
    ['AuthToken=one; AuthToken=x', 'secret'],
    ['AuthToken=x; AuthToken=one', denied],
    ['authtoken=one', denied],
    ['AuthToken', denied],
    ['xAuthToken=one', denied],
    ['AuthToken=%zz', denied],
    ['', denied],
  ])('with cookieToken, to who sends "%s"', async (cookie, expected) => {
    const authenticators = [cookieToken('AuthToken', 'one', 'two words')];
    const { port } = await startService({ providers: [Echo], options: { authenticators } });
    expect(await reply(port, { cookie })).toEqual(expected);
  });

  it.each([
    ['Bearer good', 'secret'],
    ['bearer   good', 'secret'],
    ['Bearer bad', denied],
    ['Bearer throws', denied],
    ['Bearer', denied],
    ['Basic good', denied],
    ['Bearer good better', denied],
  ])('with bearer, to who sends "%s"', async (authorization, expected) => {
    const verify = async (token: string): Promise<boolean> => {
      if (token === 'throws') throw new Error('no connection');
      return token === 'good';
    };
    const { port } = await startService({ providers: [Echo], options: { authenticators: [bearer(verify)] } });
    expect(await reply(port, { authorization })).toEqual(expected);
  });

  it('is for whom any authenticator accepts, also a class of the app', async () => {
    @Injectable()
    class Users {
      readonly known = ['ada'];
    }
    @Injectable()
    class ByUser implements Authenticator {
      readonly asked: string[] = [];
      constructor(private readonly users: Users) {}
      authenticate({ method, headers, remoteAddress }: RpcRequestInfo): boolean {
        this.asked.push(`${method} ${remoteAddress}`);
        return this.users.known.includes(headers['x-user'] ?? '');
      }
    }
    const authenticators = [headerToken('x-token', 'one'), ByUser];
    const { port, app } = await startService({ providers: [Echo, Users, ByUser], options: { authenticators } });
    expect(await reply(port, { 'x-token': 'one' })).toBe('secret');
    expect(await reply(port, { 'x-user': 'ada' })).toBe('secret');
    expect(await reply(port, { 'x-user': 'eve' })).toEqual(denied);
    expect(app.get(ByUser).asked).toEqual(['secret 127.0.0.1', 'secret 127.0.0.1']);
  });

  it('does not mistake what an authenticator gives for true', async () => {
    const authenticators = [{ authenticate: () => 'yes' as never }];
    const { port } = await startService({ providers: [Echo], options: { authenticators } });
    expect(await reply(port, {})).toEqual(denied);
  });

  it('in a batch is refused alone, and as a notification does not run', async () => {
    const { port, app } = await startService({ providers: [Echo] });
    const batch = [
      secret,
      { ...secret, method: 'echo', params: [1] },
      { jsonrpc: '2.0', method: 'other', params: [1] },
    ];
    const { body } = await post(port, batch);
    expect(body).toEqual([
      { jsonrpc: '2.0', error: denied, id: 1 },
      { jsonrpc: '2.0', result: [1], id: 1 },
    ]);
    expect(app.get(Echo).seen).toEqual([1]);
  });

  it('over a WebSocket goes by the handshake', async () => {
    const options = { webSocket: true, authenticators: [headerToken('x-token', 'one')] };
    const { port } = await startService({ providers: [Echo], options });
    const stranger = await openSocket(port);
    const known = await openSocket(port, { headers: { 'x-token': 'one' } });
    expect((await stranger.call('secret')).error).toEqual(denied);
    expect((await known.call('secret')).result).toBe('secret');
  });

  it('may be guarded by Nest instead, which sees the request', async () => {
    @Injectable()
    class OnlyAda implements CanActivate {
      canActivate(context: ExecutionContext): boolean {
        const { raw } = context.switchToRpc().getContext<CallContext>();
        return (raw as RpcRequestInfo).headers['x-user'] === 'ada';
      }
    }
    class Guarded {
      @UseGuards(OnlyAda)
      @ExposedMethod()
      guarded(): string {
        return 'for ada';
      }
    }
    const { port } = await startService({ providers: [Guarded] });
    const message = { ...secret, method: 'guarded' };
    expect(await reply(port, { 'x-user': 'ada' }, message)).toBe('for ada');
    expect(await reply(port, { 'x-user': 'eve' }, message)).toEqual(denied);
  });
});

describe('@RpcRequest()', () => {
  it('gives the request of the call', async () => {
    const { port } = await startService({ providers: [Echo], options: { webSocket: true } });
    const headers = { cookie: 'a=1; b="2"', 'x-twice': 'one, two' };
    const { body } = await post(port, { jsonrpc: '2.0', method: 'request', id: 1 }, { headers });
    expect(body.result).toMatchObject({
      method: 'request',
      cookies: { a: '1', b: '2' },
      remoteAddress: '127.0.0.1',
      headers: { 'x-twice': 'one, two', 'content-type': 'application/json' },
    });
    const socket = await openSocket(port, { headers: { cookie: 'c=3' } });
    expect((await socket.call('request')).result).toMatchObject({
      cookies: { c: '3' },
      headers: { upgrade: 'websocket' },
    });
  });
});
