import { once } from 'node:events';
import { ExposedMethod, GatewayLifecycle, Route } from 'sallyport';
import { websocket, type JsonRpcOptions } from 'sallyport/json-rpc';
import { describe, expect, it, vi } from 'vitest';
import { connectRaw } from '../../support/raw-connection.js';
import { Echo } from './support/echo.js';
import { post } from './support/post.js';
import { carriers, startService, type RunningService } from './support/service.js';
import { openSocket, refusedWith } from './support/socket.js';

function start(options: JsonRpcOptions = {}, setup = {}): Promise<RunningService> {
  return startService({ providers: [Echo], options: { webSocket: true, ...options }, ...setup });
}

function call(method: string, params: unknown = [], id: unknown = 1): unknown {
  return { jsonrpc: '2.0', method, params, id };
}

describe.each(carriers)('a WebSocket on $name', (carrier) => {
  it('is there when it is asked for, on the same path', async () => {
    const { port } = await start({}, { carrier });
    const socket = await openSocket(port);
    expect(await socket.call('echo', [1])).toEqual({ jsonrpc: '2.0', result: [1], id: 1 });
    expect((await post(port, call('echo', [2]))).body.result).toEqual([2]);
  });

  it('is not there when nobody asked', async () => {
    const { port } = await startService({ providers: [Echo], carrier });
    expect(await refusedWith(port)).toBeGreaterThanOrEqual(400);
  });

  it('is on no other path', async () => {
    const { port } = await start({}, { carrier });
    expect(await refusedWith(port, { path: '/other' })).toBe(404);
  });

  it('alone is there with websocket(), and says so to those who post', async () => {
    const transport = (own: object): ReturnType<typeof websocket> => websocket({ ...own });
    const { port } = await startService({ providers: [Echo], carrier, transport });
    const socket = await openSocket(port);
    expect((await socket.call('echo', [1])).result).toEqual([1]);
    expect((await post(port, call('echo'))).status).toBe(carrier.adapter === undefined ? 426 : 404);
  });
});

describe('a handshake', () => {
  it('speaks jsonrpc2 with whom can, and with everybody else too', async () => {
    const { port } = await start();
    const [named, unnamed] = [await openSocket(port), await openSocket(port, { protocols: [] })];
    expect([named.webSocket.protocol, unnamed.webSocket.protocol]).toEqual(['jsonrpc2', '']);
    expect((await unnamed.call('echo', [1])).result).toEqual([1]);
  });

  it.each([
    ['http://evil.example', 403],
    ['null', 403],
    ['file://', 403],
    ['https://127.0.0.1', 403],
  ])('from a page of %s is refused', async (origin, status) => {
    const { port } = await start();
    expect(await refusedWith(port, { origin })).toBe(status);
  });

  it('from a page of the same host is not', async () => {
    const { port } = await start();
    const socket = await openSocket(port, { origin: `http://127.0.0.1:${port}` });
    expect((await socket.call('echo', [1])).result).toEqual([1]);
  });

  it('from pages of allowedOrigins is not, and from those of the same host then is', async () => {
    const { port } = await start({ allowedOrigins: ['https://good.example'] });
    await openSocket(port, { origin: 'https://good.example' });
    expect(await refusedWith(port, { origin: `http://127.0.0.1:${port}` })).toBe(403);
    expect(await refusedWith(port, { origin: 'https://good.example.evil' })).toBe(403);
  });
});

describe('a WebSocket', () => {
  it('has any number of calls under way, answered as they end', async () => {
    const { port, app } = await start();
    const socket = await openSocket(port);
    socket.send(call('wait', [], 'slow'));
    expect(await socket.call('echo', [1], 'fast')).toMatchObject({ id: 'fast' });
    app.get(Echo).finish.resolve('done');
    expect(await socket.next()).toMatchObject({ id: 'slow', result: 'done' });
  });

  it('refuses what is more than may be under way', async () => {
    const { port, app } = await start({ maxInFlight: 2 });
    const socket = await openSocket(port);
    for (const id of [1, 2, 3]) socket.send(call('wait', [], id));
    expect(await socket.next()).toMatchObject({ id: 3, error: { code: -32_002, data: { code: 'BULKHEAD_FULL' } } });
    app.get(Echo).finish.resolve('done');
    await socket.received(3);
    expect((await socket.call('echo', [1])).result).toEqual([1]);
  });

  it('that floods is answered, and harms nobody else', async () => {
    const { port } = await start({ maxInFlight: 4 });
    const [flooder, other] = [await openSocket(port), await openSocket(port)];
    for (let id = 0; id < 5_000; id++) flooder.send(call('wait', [], id));
    for (let id = 0; id < 5_000; id++) flooder.send({ jsonrpc: '2.0', method: 'wait' });
    expect((await other.call('echo', [1])).result).toEqual([1]);
    const frames = await flooder.received(4_996);
    expect(frames.every((frame) => JSON.parse(frame).error.code === -32_002)).toBe(true);
  });

  it('aborts the call that its caller gives up, and answers it', async () => {
    const { port, app } = await start();
    const socket = await openSocket(port);
    socket.send(call('wait', [], 'x'));
    await app.get(Echo).begun.promise;
    for (const id of ['y', 1, null, {}]) socket.send({ jsonrpc: '2.0', method: '$/cancelRequest', params: { id } });
    socket.send({ jsonrpc: '2.0', method: '$/cancelRequest' });
    socket.send({ jsonrpc: '2.0', method: '$/cancelRequest', params: { id: 'x' } });
    expect(await app.get(Echo).aborted.promise).toMatchObject({ code: 'CALL_CANCELLED' });
    expect(await socket.next()).toMatchObject({ id: 'x', error: { code: -32_006 } });
  });

  it('that vanishes takes its calls along, but no notification', async () => {
    const { port, app } = await start();
    const socket = await openSocket(port);
    socket.send(call('wait'));
    await app.get(Echo).begun.promise;
    socket.webSocket.terminate();
    expect(await app.get(Echo).aborted.promise).toMatchObject({ code: 'CALL_CANCELLED' });
  });

  it('that never reads is closed once it has left too much unread', async () => {
    const { port, app, transport } = await start({ maxBufferedBytes: 65_536 });
    const socket = await openSocket(port);
    socket.webSocket.pause();
    socket.send(call('wait'));
    await app.get(Echo).begun.promise;
    const [text, pushing] = ['x'.repeat(500_000), { going: true }];
    void app.get(Echo).aborted.promise.then(() => (pushing.going = false));
    for (let id = 0; pushing.going && id < 1_000; id++) {
      socket.send(call('echo', [text], id));
      await new Promise(setImmediate);
    }
    expect(await app.get(Echo).aborted.promise).toMatchObject({ code: 'CALL_CANCELLED' });
    await expect.poll(() => transport.health()['webSockets'], { timeout: 10_000 }).toBe(0);
  });

  it('that reads late, but does, gets a reply of any size', async () => {
    const { port } = await start({ maxBufferedBytes: 1_000 });
    const socket = await openSocket(port);
    const text = 'x'.repeat(900_000);
    expect((await socket.call('echo', [text])).result).toEqual([text]);
    expect((await socket.call('echo', [text])).result).toEqual([text]);
  });

  it('that answers no ping is cut', async () => {
    const { port, transport } = await start({ heartbeatMs: 50 });
    const socket = await openSocket(port, { autoPong: false });
    await socket.closed;
    await expect.poll(() => transport.health()['webSockets']).toBe(0);
  });

  it('that answers pings stays', async () => {
    const { port } = await start({ heartbeatMs: 20 });
    const socket = await openSocket(port);
    for (let ping = 0; ping < 4; ping++) await once(socket.webSocket, 'ping');
    expect((await socket.call('echo', [1])).result).toEqual([1]);
  });

  it.each([
    ['a binary frame', Buffer.from('{}'), 1003],
    ['more than a message may have', `"${'x'.repeat(2_000)}"`, 1009],
  ])('that sends %s is closed', async (_, frame, code) => {
    const { port } = await start({ maxBodyBytes: 1_000 });
    const socket = await openSocket(port);
    socket.send(frame);
    expect(await socket.closed).toMatchObject({ code });
  });

  it('that breaks the protocol is closed', async () => {
    const { port } = await start();
    const head = ['GET /api HTTP/1.1', 'Host: x', 'Upgrade: websocket', 'Connection: Upgrade'];
    const key = ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
    const raw = await connectRaw(port);
    await raw.write([...head, ...key, '', ''].join('\r\n'));
    await raw.receives(/101 Switching/);
    await raw.write(Buffer.from([0xff, 0xff, 0xff]));
    await raw.ended;
    const other = await connectRaw(port);
    await other.write([...head, '', ''].join('\r\n'));
    expect(await other.receives(/^HTTP\/1.1 4\d\d/)).toContain('400');
  });

  it('is left at shutdown once its calls are answered', async () => {
    const { port, app } = await start({}, { graceMs: 5_000 });
    const [busy, idle] = [await openSocket(port), await openSocket(port)];
    busy.send(call('wait'));
    await app.get(Echo).begun.promise;
    const closed = app.close();
    await vi.waitUntil(() => app.get(GatewayLifecycle).phase === 'draining');
    expect(await idle.closed).toMatchObject({ code: 1001 });
    expect(await busy.call('echo', [], 2)).toMatchObject({ id: 2, error: { code: -32_005 } });
    app.get(Echo).finish.resolve('in time');
    expect(await busy.next()).toMatchObject({ id: 1, result: 'in time' });
    expect(await busy.closed).toMatchObject({ code: 1001 });
    await closed;
  });
});

describe('websocket.message()', () => {
  class Chat {
    @Route(websocket.message('chat/said'))
    said(payload: unknown): unknown {
      return payload;
    }

    @ExposedMethod('chat.count')
    count(): number {
      return 7;
    }
  }

  const transport = (own: object): ReturnType<typeof websocket> => websocket({ ...own });

  it('is called by its name over WebSockets', async () => {
    const { port } = await startService({ providers: [Chat], transport });
    const socket = await openSocket(port);
    expect((await socket.call('chat/said', { text: 'hi' })).result).toEqual({ text: 'hi' });
    expect((await socket.call('chat.count')).result).toBe(7);
  });

  it.each([
    ['a name that is taken', 'chat.count', 'has the name "chat.count", and so has'],
    ['a name that is reserved', 'rpc.x', 'is reserved'],
    ['no name', '', 'must be 1 to 200 characters'],
  ])('with %s fails bootstrap', async (_, name, problem) => {
    class More extends Chat {
      @Route(websocket.message(name))
      more(): void {}
    }
    await expect(startService({ providers: [More], transport })).rejects.toThrow(problem);
  });
});

describe('legacyFrames', () => {
  async function exchange(frames: unknown[], options: JsonRpcOptions = {}): Promise<any[]> {
    const { port } = await start({ legacyFrames: true, ...options });
    const socket = await openSocket(port);
    for (const frame of frames) socket.send(frame);
    return (await socket.received(frames.length)).map((frame) => JSON.parse(frame));
  }

  it('are answered in their order, one at a time', async () => {
    const frames = [
      { command: 'echo', command_args: [1, 2], command_kwargs: {} },
      { command: 'named', command_args: [], command_kwargs: { a: 3 } },
      { command: 'named', command_args: [4], command_kwargs: { b: 5 } },
      { command: 'echo' },
    ];
    expect(await exchange(frames)).toEqual([
      { data: [1, 2], exception: null },
      { data: [3, 'default'], exception: null },
      { data: [4, 5], exception: null },
      { data: [], exception: null },
    ]);
  });

  it('say by the old names what went wrong', async () => {
    const frames = [
      { command: 'nobody' },
      { command: 'named', command_kwargs: { x: 1 } },
      { command: 'echo', command_args: 'x' },
      { command: 'fails' },
      { command: 'secret' },
    ];
    const answers = await exchange(frames);
    expect(answers.map(({ data, exception }) => [data, exception.exception])).toEqual([
      [null, 'RPCTargetDoesNotExist'],
      [null, 'RPCMalformedMessage'],
      [null, 'RPCMalformedMessage'],
      [null, 'RPCException'],
      [null, 'RPCException'],
    ]);
    expect(answers[3].exception).toEqual({
      exception: 'RPCException',
      message: 'Internal error',
      args: ['Internal error'],
      kwargs: {},
      module: null,
      code: -32_603,
    });
  });

  it('are told at once that there is no free slot', async () => {
    const pools = { default: { maxConcurrent: 1, maxQueue: 0 } };
    const { port, app } = await start({ legacyFrames: true }, { pools });
    const [first, second] = [await openSocket(port), await openSocket(port)];
    first.send({ command: 'wait' });
    await app.get(Echo).begun.promise;
    const next = second.next();
    second.send({ command: 'echo' });
    expect((await next).exception).toMatchObject({
      exception: 'MaxConnectionsReached',
      message: 'No Available Workers',
      code: 'BULKHEAD_FULL',
    });
    app.get(Echo).finish.resolve('done');
    expect(await first.next()).toEqual({ data: 'done', exception: null });
  });

  it('wait for each other, however many come at once', async () => {
    const frames = Array.from({ length: 300 }, (_, at) => ({ command: 'echo', command_args: [at] }));
    const answers = await exchange(frames, { maxInFlight: 1 });
    expect(answers.map(({ data }) => data[0])).toEqual(frames.map((_, at) => at));
  });

  it('leave JSON-RPC as it is', async () => {
    const answers = await exchange([call('echo', [1]), { comand: 'x' }]);
    const invalid = { jsonrpc: '2.0', error: { code: -32_600, message: 'Invalid Request' }, id: null };
    expect(answers).toEqual(expect.arrayContaining([{ jsonrpc: '2.0', result: [1], id: 1 }, invalid]));
  });

  it('are no requests unless they are asked for', async () => {
    const [answer] = await exchange([{ command: 'echo' }], { legacyFrames: false });
    expect(answer.error.code).toBe(-32_600);
  });
});
