import { firstValueFrom } from 'rxjs';
import { Injectable } from '@nestjs/common';
import { ExposedMethod, ExposedNamespace, PoolRegistry } from 'sallyport';
import {
  headerToken,
  cookieToken,
  bearer,
  JsonRpcClient,
  JsonRpcError,
  jsonRpc,
  type JsonRpcClientOptions,
} from 'sallyport/json-rpc';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../support/port.js';
import { Echo } from './support/echo.js';
import { startService, type RunningService, type ServiceSetup } from './support/service.js';

@ExposedNamespace('users')
@Injectable()
class Users {
  @ExposedMethod({ params: ['id'] })
  find(id: number): { id: number } {
    if (id < 0) throw new JsonRpcError(404, 'no such user', { id });
    return { id };
  }

  @ExposedMethod()
  add(a: number, b: number): number {
    return a + b;
  }
}

interface UsersApi {
  find(id: number): { id: number };
  add(a: number, b: number): Promise<number>;
  readonly notAMethod: number;
}

function connect(url: string, options: Partial<JsonRpcClientOptions> = {}): JsonRpcClient {
  const client = new JsonRpcClient({ url, ...options });
  onTestFinished(() => client.close());
  return client;
}

function serve(setup: ServiceSetup = {}): Promise<RunningService> {
  const options = { webSocket: true, ...setup.options };
  return startService({ providers: [Echo, Users], ...setup, options });
}

describe.each(['http', 'ws'])('a client over %s', (protocol) => {
  const to = (port: number, options?: Partial<JsonRpcClientOptions>): JsonRpcClient =>
    connect(`${protocol}://127.0.0.1:${port}/api`, options);

  it('calls with positional and named params, or none', async () => {
    const { port } = await serve();
    const client = to(port);
    expect(await client.call('users.find', [7])).toEqual({ id: 7 });
    expect(await client.call('users.find', { id: 8 })).toEqual({ id: 8 });
    expect(await client.call('echo')).toEqual([]);
  });

  it('has the methods of the other side as its own', async () => {
    const { port } = await serve();
    const users = to(port).of<UsersApi>('users');
    expect(await users.find(7)).toEqual({ id: 7 });
    expect(await users.add(1, 2)).toBe(3);
    expect(users.add).toBe(users.add);
    const { then, [Symbol.iterator]: iterator } = users as unknown as Record<string | symbol, unknown>;
    expect([then, iterator]).toEqual([undefined, undefined]);
    expect(await to(port).of<{ echo(value: string): string[] }>().echo('x')).toEqual(['x']);
  });

  it('rejects with what the other side says on purpose', async () => {
    const { port } = await serve();
    await expect(to(port).call('users.find', [-1])).rejects.toMatchObject({
      code: 'REMOTE_ERROR',
      remoteCode: 404,
      message: 'no such user',
      data: { id: -1 },
      origin: 'remote',
    });
  });

  it.each([
    ['nobody', [], 'HANDLER_NOT_FOUND'],
    ['secret', [], 'ACCESS_DENIED'],
    ['users.find', { x: 1 }, 'INVALID_CALL'],
    ['fails', [], 'REMOTE_ERROR'],
  ])('rejects a call of %s with %j as %s', async (method, params, code) => {
    const { port } = await serve();
    await expect(to(port).call(method, params)).rejects.toMatchObject({ code, origin: 'remote' });
  });

  it('resolves a notification once it was handed over', async () => {
    const { port, app } = await serve();
    const client = to(port);
    await expect(client.notify('echo', ['seen'])).resolves.toBeUndefined();
    await client.notify('nobody');
    await expect.poll(() => app.get(Echo).seen).toEqual(['seen']);
  });

  it('gives what came of a batch by position', async () => {
    const { port } = await serve();
    const outcomes = await to(port).batch([
      { method: 'users.add', params: [1, 2] },
      { method: 'echo', params: ['seen'], notify: true },
      { method: 'users.find', params: [-1] },
      { method: 'nobody' },
    ]);
    expect(outcomes).toEqual([
      { ok: true, value: 3 },
      undefined,
      { ok: false, error: expect.objectContaining({ code: 'REMOTE_ERROR', remoteCode: 404 }) },
      { ok: false, error: expect.objectContaining({ code: 'HANDLER_NOT_FOUND' }) },
    ]);
    expect(await to(port).batch([{ method: 'echo', notify: true }])).toEqual([undefined]);
    expect(await to(port).batch([])).toEqual([]);
  });

  it('rejects a batch as a whole where the other side refuses it as a whole', async () => {
    const { port } = await serve({ options: { maxBatch: 1 } });
    const calls = [{ method: 'echo' }, { method: 'echo' }];
    const batch = to(port, { timeoutMs: 500 }).batch(calls);
    await expect(batch).rejects.toMatchObject({ code: protocol === 'http' ? 'INVALID_CALL' : 'CALL_TIMEOUT' });
  });

  it.each([
    ['a header', { header: 'X-Token', value: 'one' }],
    ['a cookie', { cookie: 'session', value: 'two words' }],
    ['a bearer token', { bearer: 'three' }],
  ])('sends %s as its credentials', async (_, credentials) => {
    const authenticators = [
      headerToken('x-token', 'one'),
      cookieToken('session', 'two words'),
      bearer((token) => token === 'three'),
    ];
    const { port } = await serve({ options: { authenticators } });
    await expect(to(port).call('secret')).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    expect(await to(port, { credentials }).call('secret')).toBe('secret');
  });

  it('is bounded by its pool, like every command', async () => {
    const { port, app } = await serve();
    const client = to(port, { pool: { maxConcurrent: 1, maxQueue: 0 } });
    const first = client.call('wait');
    await app.get(Echo).begun.promise;
    await expect(client.call('echo')).rejects.toMatchObject({ code: 'BULKHEAD_FULL', origin: 'local' });
    app.get(Echo).finish.resolve('done');
    expect(await first).toBe('done');
  });

  it('gives up at its deadline, and when its caller does', async () => {
    const { port, app } = await serve();
    const client = to(port);
    await expect(client.call('wait', [], { timeoutMs: 50 })).rejects.toMatchObject({ code: 'CALL_TIMEOUT' });
    expect(await app.get(Echo).aborted.promise).toMatchObject({ code: 'CALL_CANCELLED' });
    expect(await client.call('echo', [1])).toEqual([1]);
  });

  it('opens the circuit of a method that fails, and of no other', async () => {
    const { port } = await serve();
    const client = to(port, { pool: { breaker: { minimumCalls: 2 } } });
    for (let at = 0; at < 2; at++) await expect(client.call('fails')).rejects.toMatchObject({ code: 'REMOTE_ERROR' });
    await expect(client.call('fails')).rejects.toMatchObject({ code: 'CIRCUIT_OPEN', origin: 'local' });
    expect(await client.call('echo', [1])).toEqual([1]);
  });

  it('fails typed where nobody listens', async () => {
    const client = to(await freePort());
    await expect(client.call('echo')).rejects.toMatchObject({ code: 'TRANSPORT_FAILED', reason: 'unroutable' });
  });

  it.each([
    ['params that are a scalar', ['echo', 7]],
    ['params that are null', ['echo', null]],
    ['params that are a date', ['echo', new Date()]],
    ['params that are circular', ['echo', circular()]],
    ['params with a bigint', ['echo', [1n]]],
    ['a method that is no string', [7]],
  ])('refuses %s before anything is sent', async (_, args) => {
    const client = to(await freePort());
    await expect((client.call as any)(...args)).rejects.toMatchObject({ code: 'INVALID_CALL', origin: 'local' });
  });

  it('sends params as they were when the call was made', async () => {
    const { port } = await serve();
    const params = [1];
    const call = to(port).call('echo', params);
    params.push(2);
    expect(await call).toEqual([1]);
  });

  it('is a ClientProxy of Nest', async () => {
    const { port, app } = await serve();
    const client = to(port);
    expect(await firstValueFrom(client.send('users.add', [1, 2]))).toBe(3);
    expect(await firstValueFrom(client.send('echo', 'scalar'))).toEqual(['scalar']);
    await expect(firstValueFrom(client.send('nobody', {}))).rejects.toMatchObject({ code: 'HANDLER_NOT_FOUND' });
    client.emit('echo', ['emitted']);
    await expect.poll(() => app.get(Echo).seen).toContain('emitted');
    const waiting = client.send('wait', []).subscribe();
    await app.get(Echo).begun.promise;
    waiting.unsubscribe();
    expect(await app.get(Echo).aborted.promise).toMatchObject({ code: 'CALL_CANCELLED' });
  });

  it('says what is under way that it was closed', async () => {
    const { port, app } = await serve();
    const client = to(port);
    const call = client.call('wait');
    await app.get(Echo).begun.promise;
    await Promise.all([client.close(), expect(call).rejects.toMatchObject({ code: expect.any(String) })]);
    await expect(client.call('echo')).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });

  it('of jsonRpc.client() shares the pools of the app, and ends with it', async () => {
    const remote = await serve();
    const url = `${protocol}://127.0.0.1:${remote.port}/api`;
    const providers = [jsonRpc.client('remote', { url, pool: 'accounts' })];
    const { app } = await startService({ providers });
    const client = app.get<JsonRpcClient>('remote');
    expect(await client.call('echo', [1])).toEqual([1]);
    expect(app.get(PoolRegistry).get('accounts')!.snapshot().circuits).toMatchObject([{ key: 'echo' }]);
    await app.close();
    await expect(client.call('echo')).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });
});

function circular(): object {
  const value: Record<string, unknown> = {};
  return (value['self'] = value);
}

describe('JsonRpcClient', () => {
  it.each([
    [{}, 'JsonRpcClient.url: is required'],
    [{ url: 'ftp://x' }, 'must be an http, https, ws or wss URL'],
    [{ url: 'http://a:b@x' }, 'must have no password in it'],
    [{ url: 'http://x', credentials: { bearer: 'a\nb' } }, 'JsonRpcClient.credentials'],
    [{ url: 'http://x', credentials: { header: 'a b', value: 'x' } }, 'JsonRpcClient.credentials'],
    [{ url: 'http://x', timeoutMs: -1 }, 'JsonRpcClient.timeoutMs'],
    [{ url: 'http://x', pool: '' }, 'JsonRpcClient.pool'],
    [{ url: 'http://x', pool: { maxConcurrent: 0 } }, 'maxConcurrent'],
    [{ url: 'http://x', idempotent: true }, 'JsonRpcClient.idempotent'],
    [{ url: 'http://x', uri: 1 }, 'is not an option; did you mean'],
  ])('refuses %j', (options, problem) => {
    expect(() => new JsonRpcClient(options as never)).toThrow(problem);
    expect(() => jsonRpc.client('x', options as never)).toSatisfy((make: () => unknown) => {
      try {
        make();
        return problem === 'maxConcurrent';
      } catch (error) {
        return String(error).includes(problem);
      }
    });
  });
});
