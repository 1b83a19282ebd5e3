import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { JsonRpcClient, type JsonRpcClientOptions } from 'sallyport/json-rpc';
import { WebSocketServer, type WebSocket } from 'ws';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../support/port.js';
import { Echo } from './support/echo.js';
import { startService } from './support/service.js';

function connect(port: number, options: Partial<JsonRpcClientOptions> = {}): JsonRpcClient {
  const client = new JsonRpcClient({ url: `ws://127.0.0.1:${port}/api`, ...options });
  onTestFinished(() => client.close());
  return client;
}

interface Remote {
  readonly port: number;
  readonly received: any[];
  readonly sockets: WebSocket[];
  close(): Promise<void>;
}

/** A server of somebody else, which answers what `answer` gives. */
async function startRemote(
  answer: (message: any, socket: WebSocket) => unknown,
  { port = 0, ...options }: { port?: number; handleProtocols?: () => string } = {},
): Promise<Remote> {
  const received: any[] = [];
  const sockets: WebSocket[] = [];
  const server = new WebSocketServer({ port, host: '127.0.0.1', ...options });
  await once(server, 'listening');
  server.on('connection', (socket) => {
    sockets.push(socket);
    socket.on('message', (data) => {
      const message: unknown = JSON.parse((data as Buffer).toString());
      received.push(message);
      const given = answer(message, socket);
      if (given !== undefined) socket.send(JSON.stringify(given));
    });
  });
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.terminate();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  return { port: (server.address() as AddressInfo).port, received, sockets, close };
}

const echo = ({ id, method }: any): object | undefined =>
  id === undefined ? undefined : { jsonrpc: '2.0', id, result: method };

describe('a client over a WebSocket', () => {
  it('has one connection for all its calls, answered in any order', async () => {
    const waiting: any[] = [];
    const remote = await startRemote((message, socket) => {
      waiting.push(echo(message));
      if (waiting.length === 3) for (const reply of waiting.toReversed()) socket.send(JSON.stringify(reply));
      return undefined;
    });
    const client = connect(remote.port);
    expect(await Promise.all(['a', 'b', 'c'].map((method) => client.call(method)))).toEqual(['a', 'b', 'c']);
    expect(remote.sockets.length).toBe(1);
  });

  it('says so when a call is given up', async () => {
    const remote = await startRemote(({ id, method }) =>
      method === '$/cancelRequest' ? undefined : echo({ id: method === 'b' ? id : undefined, method }),
    );
    const client = connect(remote.port);
    const cancel = new AbortController();
    const call = client.call('a', [], { signal: cancel.signal });
    await expect.poll(() => remote.received.length).toBe(1);
    cancel.abort();
    await expect(call).rejects.toMatchObject({ code: 'CALL_CANCELLED' });
    expect(await client.call('b')).toBe('b');
    expect(remote.received[1]).toEqual({ jsonrpc: '2.0', method: '$/cancelRequest', params: { id: 1 } });
  });

  it('speaks to servers that know no subprotocol, and one that has its own word for it', async () => {
    const plain = await startRemote(echo);
    expect(await connect(plain.port).call('x')).toBe('x');
  });

  it('fails what is under way when the connection is lost, and connects again', async () => {
    const remote = await startRemote((message, socket) => {
      if (message.method !== 'dies') return echo(message);
      socket.terminate();
      return undefined;
    });
    const client = connect(remote.port);
    const states: string[] = [];
    client.status.subscribe((status) => states.push(status));
    const both = Promise.allSettled([client.call('dies'), client.call('late')]);
    for (const result of await both) {
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { code: 'TRANSPORT_FAILED', reason: 'disconnected' },
      });
    }
    expect(await client.call('again')).toBe('again');
    expect(remote.sockets.length).toBe(2);
    expect(states).toEqual(['connected', 'disconnected', 'connected']);
  });

  it('repeats a call that may be repeated', async () => {
    let dead = false;
    const remote = await startRemote((message, socket) => {
      if (dead) return echo(message);
      dead = true;
      socket.terminate();
      return undefined;
    });
    expect(await connect(remote.port, { idempotent: () => true }).call('get')).toBe('get');
    expect(remote.received.map(({ id }) => id)).toEqual([1, 2]);
  });

  it('looks for a server that comes back, also where nobody calls', async () => {
    const first = await startRemote(echo);
    const client = connect(first.port);
    await client.call('x');
    await first.close();
    await expect(client.call('x')).rejects.toMatchObject({ code: 'TRANSPORT_FAILED' });
    const second = await startRemote(echo, { port: first.port });
    await expect.poll(() => second.sockets.length, { timeout: 10_000 }).toBe(1);
    expect(await client.call('back')).toBe('back');
  });

  it('connects when it is told to, and says where it cannot', async () => {
    const remote = await startRemote(echo);
    const client = connect(remote.port);
    await client.connect();
    expect(client.unwrap<{ url: string }>().url).toContain(String(remote.port));
    await expect(connect(await freePort()).connect()).rejects.toMatchObject({ reason: 'unroutable' });
  });

  it('is refused where its credentials are', async () => {
    const { port } = await startService({ providers: [Echo] });
    const client = connect(port);
    await expect(client.call('x')).rejects.toMatchObject({ code: 'TRANSPORT_FAILED', reason: 'unroutable' });
  });

  it('makes nothing of what it did not ask for', async () => {
    const remote = await startRemote((message, socket) => {
      const noise = ['x', '[]', 'null', '{"jsonrpc":"2.0","id":99,"result":1}', '{"jsonrpc":"2.0","method":"news"}'];
      for (const frame of [...noise, '{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"x"}}'])
        socket.send(frame);
      return echo(message);
    });
    expect(await connect(remote.port).call('x')).toBe('x');
  });

  it('sends context headers in the message where they are taken, and only there', async () => {
    const options = { webSocket: true };
    const trusting = await startService({ providers: [Echo], options, trustContext: true });
    const foreign = await startRemote(echo);
    const headers = { 'X-Tenant': 'blue' };
    const context = await connect(trusting.port).call<any>('context', [], { headers });
    expect(context.headers).toMatchObject({ 'x-tenant': 'blue' });
    await connect(foreign.port).call('x', [], { headers });
    expect(foreign.received[0]).toEqual({ jsonrpc: '2.0', method: 'x', params: [], id: 1 });
  });
});
