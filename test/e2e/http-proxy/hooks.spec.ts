import { Inject, Injectable } from '@nestjs/common';
import { currentCall, type CallContext } from 'sallyport';
import { HttpProxy, HttpProxyCommand, type ProxyRequest, type ProxyResponse } from 'sallyport/http-proxy';
import { describe, expect, it } from 'vitest';
import { open, valuesOf } from '../../support/ask.js';
import { carriers } from './support/carriers.js';
import { startGateway } from './support/gateway.js';
import { hooked } from './support/hooked.js';
import { startRecorder } from './support/recorder.js';

describe.each(carriers)('the hooks of a class on $name', (carrier) => {
  it('may change what goes to the upstream and what comes back, with what was injected', async () => {
    const upstream = await startRecorder((_request, response) => response.setHeader('x-internal', 'i').end('ok'));

    @Injectable()
    class Tokens {
      async tokenFor(user: string): Promise<string> {
        return `token of ${user}`;
      }
    }

    @HttpProxy({ match: '/api/*path', rewrite: '/$1', upstream: upstream.origin })
    class UsersProxy extends HttpProxyCommand {
      constructor(@Inject(Tokens) private readonly tokens: Tokens) {
        super();
      }

      override async beforeRequest(request: ProxyRequest): Promise<void> {
        request.headers['authorization'] = await this.tokens.tokenFor(String(request.headers['x-user']));
        request.headers['x-many'] = ['1', '2'];
        delete request.headers['cookie'];
        request.query.set('page', '2');
        request.query.append('tag', 'a b');
        request.path = '/people';
        request.method = 'PUT';
      }

      override afterResponse(response: ProxyResponse, request: ProxyRequest): void {
        response.statusCode = 202;
        response.reason = 'Taken';
        response.headers['x-asked'] = request.path;
        response.headers['set-cookie'] = ['a=1', 'b=2'];
        delete response.headers['x-internal'];
      }
    }

    const gateway = await startGateway({ carrier, classes: [UsersProxy, Tokens] });
    const headers = { 'x-user': 'ann', cookie: 'secret=1' };
    const reply = await gateway.ask({ method: 'POST', path: '/api/users?page=1', headers, body: 'body' });
    const { headers: seen, rawHeaders, ...request } = upstream.last();
    expect(request).toEqual({ method: 'PUT', url: '/people?page=2&tag=a+b', body: 'body' });
    expect(seen).toMatchObject({ authorization: 'token of ann' });
    expect(seen).not.toHaveProperty('cookie');
    expect(valuesOf(rawHeaders, 'x-many')).toEqual(['1', '2']);
    expect(reply).toMatchObject({ status: 202, reason: 'Taken', body: 'ok', headers: { 'x-asked': '/people' } });
    expect(reply.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(reply.headers).not.toHaveProperty('x-internal');
  });
});

describe('a proxy of a class', () => {
  it('comes after the listed ones', async () => {
    const [listed, decorated] = [await startRecorder(), await startRecorder()];
    const gateway = await startGateway({
      proxies: [{ match: '/both', upstream: listed.origin }],
      classes: [hooked(decorated.origin, {})],
    });
    for (const path of ['/both', '/rest']) await gateway.ask({ path });
    expect(listed.requests.map(({ url }) => url)).toEqual(['/both']);
    expect(decorated.requests.map(({ url }) => url)).toEqual(['/rest']);
  });

  it('needs no hooks', async () => {
    const upstream = await startRecorder();
    const gateway = await startGateway({ classes: [hooked(upstream.origin, {})] });
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 200, body: 'ok' });
  });
});

describe('what a hook gets', () => {
  it('is the request as it will go out', async () => {
    const upstream = await startRecorder();
    let seen: unknown;
    const gateway = await startGateway({
      classes: [
        hooked(upstream.origin, {
          beforeRequest({ method, path, query, headers, url, body }) {
            seen = {
              method,
              path,
              query: [...query],
              repeated: headers['x-many'],
              secret: headers['x-secret'],
              href: url.href,
              body,
            };
          },
        }),
      ],
    });
    const headers = ['X-Many', '1', 'X-Many', '2', 'X-Secret', 's', 'Connection', 'x-secret'];
    await gateway.ask({ path: '/users/7?a=1&b=2&a=3', headers });
    expect(seen).toEqual({
      method: 'GET',
      path: '/users/7',
      query: [
        ['a', '1'],
        ['b', '2'],
        ['a', '3'],
      ],
      repeated: ['1', '2'],
      secret: undefined,
      href: `${upstream.origin}/users/7?a=1&b=2&a=3`,
      body: null,
    });
  });

  it('is the call, which is the current one', async () => {
    const upstream = await startRecorder();
    const calls: CallContext[] = [];
    const current: CallContext[] = [];
    const look = (context: CallContext): void => {
      calls.push(context);
      current.push(currentCall());
    };
    const gateway = await startGateway({
      classes: [
        hooked(upstream.origin, {
          beforeRequest: (_request, context) => look(context),
          afterResponse: (_response, _request, context) => look(context),
        }),
      ],
    });
    await gateway.ask({ path: '/x', headers: { 'X-Mark': 'm' } });
    const [before, after] = calls as [CallContext, CallContext];
    expect(calls).toEqual(current);
    expect(after).toBe(before);
    expect(before).toMatchObject({ transport: 'http', attempt: 1, headers: { 'x-mark': 'm' } });
    expect(before.remainingMs()).toBeGreaterThan(0);
  });

  it('is aborted with the client', async () => {
    let context!: CallContext;
    const upstream = await startRecorder();
    const gateway = await startGateway({
      classes: [
        hooked(upstream.origin, {
          beforeRequest: (_request, given) => {
            context = given;
            return new Promise((_resolve, reject) =>
              given.signal.addEventListener('abort', () => reject(given.signal.reason)),
            );
          },
        }),
      ],
    });
    const sent = open(gateway.port, { path: '/x' });
    sent.end();
    await expect.poll(() => context).toBeDefined();
    sent.destroy();
    await gateway.idle();
    expect(context.signal.reason).toMatchObject({ code: 'CALL_CANCELLED' });
    expect(upstream.requests).toEqual([]);
  });
});

describe('what a hook returns', () => {
  it('takes the place of the request', async () => {
    const upstream = await startRecorder();
    const gateway = await startGateway({
      classes: [
        hooked(upstream.origin, {
          beforeRequest: (request) => ({ ...request, method: 'POST', headers: { 'x-new': '1' }, body: 'new' }),
        }),
      ],
    });
    await gateway.ask({ path: '/x', headers: { 'x-old': '1' } });
    expect(upstream.last()).toMatchObject({ method: 'POST', body: 'new', headers: { 'x-new': '1' } });
    expect(upstream.last().headers).not.toHaveProperty('x-old');
  });

  it('takes the place of the response, whose own body is let go', async () => {
    const upstream = await startRecorder((_request, response) => response.end('x'.repeat(1_000_000)));
    const gateway = await startGateway({
      classes: [
        hooked(upstream.origin, { afterResponse: async () => ({ statusCode: 201, headers: {}, body: 'new' }) }),
      ],
    });
    for (let count = 0; count < 3; count++)
      expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 201, body: 'new' });
    await gateway.idle();
  });
});
