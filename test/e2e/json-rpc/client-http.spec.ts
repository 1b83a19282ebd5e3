import { JsonRpcClient, type JsonRpcClientOptions } from 'sallyport/json-rpc';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startRemote } from './support/remote.js';

function connect(url: string, options: Partial<JsonRpcClientOptions> = {}): JsonRpcClient {
  const client = new JsonRpcClient({ url, ...options });
  onTestFinished(() => client.close());
  return client;
}

describe('a client over HTTP', () => {
  const reply = (id: unknown, rest: object): object => ({ jsonrpc: '2.0', id, ...rest });

  it('takes replies of old servers, which have both members', async () => {
    const { url } = await startRemote(({ id }) => reply(id, { result: 7, error: null }));
    expect(await connect(url).call('x')).toBe(7);
  });

  it.each([
    ['no JSON', 'x'],
    ['no version', { id: 1, result: 1 }],
    ['another id', { jsonrpc: '2.0', id: 'x', result: 1 }],
    ['no id', { jsonrpc: '2.0', result: 1 }],
    ['neither result nor error', { jsonrpc: '2.0', id: 1 }],
    ['an error without a code', { jsonrpc: '2.0', id: 1, error: { message: 'x' } }],
    ['an empty batch', []],
    ['nothing', ''],
  ])('calls a reply with %s what it is', async (_, answer) => {
    const { url } = await startRemote(() => answer);
    await expect(connect(url).call('x')).rejects.toMatchObject({ code: 'TRANSPORT_FAILED', reason: 'protocol' });
  });

  it('takes an error without an id for an answer to all that was sent', async () => {
    const error = { code: -32_700, message: 'Parse error' };
    const { url } = await startRemote(() => reply(null, { error }));
    await expect(connect(url).call('x')).rejects.toMatchObject({ code: 'INVALID_CALL', message: 'Parse error' });
  });

  it('names the status where there is nothing else to go by', async () => {
    const { url } = await startRemote(() => '<h1>Bad Gateway</h1>', 502);
    await expect(connect(url).call('x')).rejects.toThrow('answered with status 502');
    await expect(connect(url).notify('x')).rejects.toThrow('answered with status 502');
  });

  it('fails typed when the connection is lost under a call, and repeats it once where that is allowed', async () => {
    const { url, received } = await startRemote(({ method, id }, response) => {
      if (received.length > 2 && method === 'get') return reply(id, { result: 'in the end' });
      response.destroy();
      return undefined;
    });
    const client = connect(url, { idempotent: (method) => method === 'get' });
    await expect(client.call('set')).rejects.toMatchObject({ code: 'TRANSPORT_FAILED', reason: 'disconnected' });
    expect(await client.call('get')).toBe('in the end');
    expect(received.map(({ method }) => method)).toEqual(['set', 'get', 'get']);
    await expect(client.call('get', [], { idempotent: false })).resolves.toBe('in the end');
  });

  it('keeps its connections', async () => {
    const { url, requests } = await startRemote(({ id }) => reply(id, { result: 1 }));
    const client = connect(url);
    for (let at = 0; at < 20; at++) await client.call('x');
    // undici takes a second one where the first is not quite done with the reply that it just gave.
    expect(new Set(requests.map(({ socket }) => socket)).size).toBeLessThanOrEqual(2);
  });

  it('sends context headers, and none that would change the request', async () => {
    const { url, requests } = await startRemote(({ id }) => reply(id, { result: 1 }));
    const headers = { 'X-Tenant': 'blue', 'content-length': '1', 'bad name': 'x', 'x-snow': '☃', host: 'evil' };
    await connect(url).call('x', [], { headers, timeoutMs: 5_000 });
    const sent = requests[0]!.headers;
    expect(sent).toMatchObject({ 'x-tenant': 'blue', 'content-type': 'application/json' });
    expect(Number(sent['sallyport-deadline-ms'])).toBeLessThanOrEqual(5_000);
    expect([sent['x-snow'], sent.host]).toEqual([undefined, new URL(url).host]);
  });

  it('with batchWithinTick sends what is called in one tick as one batch', async () => {
    const answer = ({ id, method }: any): object =>
      reply(id, method === 'fails' ? { error: { code: 5, message: 'no' } } : { result: method });
    const remote = await startRemote((message) =>
      Array.isArray(message)
        ? message
            .filter(({ id }) => id !== undefined)
            .map(answer)
            .toReversed()
        : answer(message),
    );
    const client = connect(remote.url, { batchWithinTick: true });
    const results = await Promise.allSettled([
      client.call('a'),
      client.call('fails'),
      client.notify('n'),
      client.call('b'),
    ]);
    expect(results).toEqual([
      { status: 'fulfilled', value: 'a' },
      { status: 'rejected', reason: expect.objectContaining({ remoteCode: 5 }) },
      { status: 'fulfilled', value: undefined },
      { status: 'fulfilled', value: 'b' },
    ]);
    expect(await client.call('alone')).toBe('alone');
    expect(remote.received.map((message) => Array.isArray(message))).toEqual([true, false]);
    await Promise.all([client.call('a'), client.call('b', [], { headers: { 'x-tenant': 'blue' } })]);
    expect(remote.received.length).toBe(4);
  });

  it('with batchWithinTick lets the others be when one is given up', async () => {
    const remote = await startRemote((message) =>
      [message].flat().map(({ id, method }: any) => reply(id, { result: method })),
    );
    const client = connect(remote.url, { batchWithinTick: true });
    const cancel = new AbortController();
    const calls = Promise.allSettled([client.call('a', [], { signal: cancel.signal }), client.call('b')]);
    cancel.abort();
    const [a, b] = await calls;
    expect([a, b]).toMatchObject([{ reason: { code: 'CALL_CANCELLED' } }, { value: 'b' }]);
  });

  it('with batchWithinTick sends no more than 100 calls at once', async () => {
    const remote = await startRemote((message) => message.map(({ id }: any) => reply(id, { result: id })));
    const client = connect(remote.url, { batchWithinTick: true, pool: { maxConcurrent: 300 } });
    await Promise.all(Array.from({ length: 250 }, () => client.call('x')));
    expect(remote.received.map(({ length }) => length)).toEqual([100, 100, 50]);
  });
});
