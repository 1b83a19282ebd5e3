import { describe, expect, it } from 'vitest';
import { headerToken } from 'sallyport/json-rpc';
import { Echo } from './support/echo.js';
import { post } from './support/post.js';
import { startService, type ServiceSetup } from './support/service.js';
import { openSocket } from './support/socket.js';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const sent = {
  'sallyport-deadline-ms': '500',
  'sallyport-call-id': 'caller-7',
  traceparent,
  baggage: 'a=1',
  'x-tenant': 'blue',
};

async function contextOver(setup: ServiceSetup, headers: Record<string, string>): Promise<any> {
  const { port } = await startService({ providers: [Echo], ...setup });
  const { body } = await post(port, { jsonrpc: '2.0', method: 'context', id: 1 }, { headers });
  return body.result;
}

describe('context headers over HTTP', () => {
  it('are not believed unless the service says so', async () => {
    const { headers, traceparent: trace, correlationId, remainingMs } = await contextOver({}, sent);
    expect([headers, trace]).toEqual([{}, undefined]);
    expect(correlationId).not.toBe('caller-7');
    expect(remainingMs).toBeGreaterThan(1_000);
  });

  it('are taken with trustContext', async () => {
    const context = await contextOver({ trustContext: true }, sent);
    expect(context).toMatchObject({
      headers: { baggage: 'a=1', 'x-tenant': 'blue' },
      traceparent,
      correlationId: 'caller-7',
      transport: 'json-rpc',
      route: 'context',
    });
    expect(context.remainingMs).toBeLessThanOrEqual(500);
  });

  it('are not what HTTP, browsers and proxies say for themselves, nor what proves who calls', async () => {
    const noise = {
      authorization: 'Bearer x',
      cookie: 'a=1',
      'user-agent': 'curl',
      accept: '*/*',
      'accept-language': 'de',
      origin: 'http://127.0.0.1',
      'sec-fetch-mode': 'cors',
      'x-forwarded-for': '10.0.0.1',
      forwarded: 'for=10.0.0.1',
      'x-api-token': 'one',
      'if-none-match': 'x',
    };
    const options = { authenticators: [headerToken('X-Api-Token', 'one')] };
    const { headers } = await contextOver({ trustContext: true, options }, { ...noise, 'x-tenant': 'blue' });
    expect(headers).toEqual({ 'x-tenant': 'blue' });
  });

  it('can only make the deadline shorter', async () => {
    const { remainingMs } = await contextOver({ trustContext: true }, { 'sallyport-deadline-ms': '99999999' });
    expect(remainingMs).toBeLessThanOrEqual(10_000);
  });

  it('let a call time out that has no time left, and one that runs', async () => {
    const { port, app } = await startService({ providers: [Echo], trustContext: true });
    const wait = { jsonrpc: '2.0', method: 'wait', id: 1 };
    const late = { code: -32_004, data: { code: 'CALL_TIMEOUT' } };
    for (const budget of ['0', '50']) {
      const { body } = await post(port, wait, { headers: { 'sallyport-deadline-ms': budget } });
      expect(body.error).toMatchObject(late);
    }
    expect(await app.get(Echo).aborted.promise).toMatchObject({ code: 'CALL_TIMEOUT' });
    app.get(Echo).finish.resolve('late');
  });

  it.each(['-5', 'soon', '1e999', ''])('take a deadline of "%s" for none', async (budget) => {
    const { remainingMs } = await contextOver({ trustContext: true }, { 'sallyport-deadline-ms': budget });
    expect(remainingMs).toBeGreaterThan(1_000);
  });
});

describe('context headers over a WebSocket', () => {
  const message = { jsonrpc: '2.0', method: 'context', id: 1, sallyport: sent };

  it.each([
    [false, {}],
    [true, { baggage: 'a=1', 'x-tenant': 'blue' }],
  ])('are in the message, and taken with trustContext %s', async (trustContext, headers) => {
    const { port } = await startService({ providers: [Echo], trustContext, options: { webSocket: true } });
    const socket = await openSocket(port);
    const next = socket.next();
    socket.send(message);
    expect((await next).result).toMatchObject({ headers, transport: 'websocket' });
  });

  it.each([null, 7, 'x', ['a'], { a: 1 }])('are none where the member is %j', async (sallyport) => {
    const { port } = await startService({ providers: [Echo], trustContext: true, options: { webSocket: true } });
    const socket = await openSocket(port);
    const next = socket.next();
    socket.send({ ...message, sallyport });
    expect((await next).result.headers).toEqual({});
  });
});
