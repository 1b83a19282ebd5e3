import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Echo } from './support/echo.js';
import { post, type Response } from './support/post.js';
import { startService, type RunningService } from './support/service.js';
import { openSocket } from './support/socket.js';

const invalid = { jsonrpc: '2.0', error: { code: -32_600, message: 'Invalid Request' }, id: null };
const malformed = { jsonrpc: '2.0', error: { code: -32_700, message: 'Parse error' }, id: null };
const notFound = { code: -32_601, message: 'Method not found' };

function call(params?: unknown, id: unknown = 1, method = 'echo'): Record<string, unknown> {
  return { jsonrpc: '2.0', method, params, id };
}

describe('bad input', () => {
  let service: RunningService;

  beforeEach(async () => {
    service = await startService({ providers: [Echo], options: { webSocket: true } });
  });

  const send = (body: unknown): Promise<Response> => post(service.port, body);

  describe('batches', () => {
    it.each([
      [0, []],
      [101, Array.from({ length: 101 }, () => call([]))],
    ])('of %i are refused as a whole', async (_, batch) => {
      expect((await send(batch)).body).toEqual(invalid);
    });

    it.each([1, 100])('of %i are answered one by one', async (length) => {
      const batch = Array.from({ length }, (_, id) => call([id], id));
      const replies = batch.map(({ id, params }) => ({ jsonrpc: '2.0', result: params, id }));
      expect((await send(batch)).body).toEqual(replies);
    });

    it('[null] has one invalid member', async () => {
      expect((await send([null])).body).toEqual([invalid]);
    });
  });

  describe('ids', () => {
    it.each(['0', '""', 'null', '-1', '1.5', '"x"', '"\\ud800"', '12345678901234567890', '1e400', '9007199254740993'])(
      '%s is answered as it came',
      async (id) => {
        const text = `{"jsonrpc":"2.0","method":"echo","params":[],"id":${id}}`;
        expect((await send(text)).text).toBe(`{"jsonrpc":"2.0","result":[],"id":${id}}`);
        expect((await send(`[${text}]`)).text).toBe(`[{"jsonrpc":"2.0","result":[],"id":${id}}]`);
      },
    );

    it.each([true, false, {}, [], [1]])('%j is none', async (id) => {
      expect((await send(call([], id))).body).toEqual(invalid);
    });
  });

  describe('depth', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    const within = (depth: number): string => `{"jsonrpc":"2.0","method":"echo","params":${nested(depth)},"id":1}`;

    it('is allowed up to 64, the request itself included', async () => {
      expect((await send(within(63))).body).toMatchObject({ id: 1, result: expect.any(Array) });
      expect((await send(within(64))).body).toEqual(malformed);
    });

    it('of half a million is no danger', async () => {
      expect((await send(within(500_000))).body).toEqual(malformed);
      expect((await send('['.repeat(1_000_000))).body).toEqual(malformed);
      expect((await send('{"a":'.repeat(200_000))).body).toEqual(malformed);
      expect((await send(call([1]))).body).toMatchObject({ result: [1] });
    });
  });

  describe('text', () => {
    it.each([
      ['nothing', ''],
      ['a byte order mark', '\uFEFF{}'],
      ['single quotes', "{'jsonrpc':'2.0'}"],
      ['a trailing comma', '[1,]'],
      ['two values', '{} {}'],
      ['NaN', 'NaN'],
      ['a control character', '"\u0001"'],
      ['invalid UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22])],
      ['UTF-16', Buffer.from(JSON.stringify(call([])), 'utf16le')],
    ])('%s is no JSON', async (_, body) => {
      expect((await send(body)).body).toEqual(malformed);
    });

    it('with a key twice counts the last', async () => {
      const text =
        '{"jsonrpc":"1.0","jsonrpc":"2.0","method":"nobody","method":"echo","params":[1],"params":[2],"id":1,"id":2}';
      expect((await send(text)).body).toEqual({ jsonrpc: '2.0', result: [2], id: 2 });
    });

    it('with lone surrogates comes back with them', async () => {
      const text = '{"jsonrpc":"2.0","method":"echo","params":["\\ud800","\\udfff\\ud800"],"id":1}';
      expect((await send(text)).text).toBe('{"jsonrpc":"2.0","result":["\\ud800","\\udfff\\ud800"],"id":1}');
    });
  });

  describe('names', () => {
    const names = [
      '__proto__',
      'constructor',
      'toString',
      'valueOf',
      'hasOwnProperty',
      'prototype',
      'then',
      '',
      ' echo',
    ];

    it.each([...names, 'Echo.echo', 'rpc.', 'rpc.anything', '$/cancelRequest', 'x'.repeat(100_000)])(
      '%j is no method (%#)',
      async (method) => {
        expect((await send(call([], 1, method))).body).toEqual({ jsonrpc: '2.0', error: notFound, id: 1 });
      },
    );

    it.each(names)('%j is no parameter', async (name) => {
      const { body } = await send(
        `{"jsonrpc":"2.0","method":"named","params":{"a":1,${JSON.stringify(name)}:2},"id":1}`,
      );
      expect(body.error).toMatchObject({ code: -32_602, message: 'Invalid params' });
      expect(body.error.data).toEqual({ code: 'INVALID_CALL', issues: [{ path: name, message: 'is no parameter' }] });
    });

    it('that are missing are listed', async () => {
      const { body } = await send(call({ b: 1 }, 1, 'named'));
      expect(body.error.data.issues).toEqual([{ path: 'a', message: 'is missing' }]);
    });

    it('pollute nothing', async () => {
      await send('{"jsonrpc":"2.0","method":"echo","params":{"__proto__":{"polluted":true}},"id":1}');
      await send(
        '{"jsonrpc":"2.0","method":"named","params":{"a":{"constructor":{"prototype":{"polluted":1}}}},"id":1}',
      );
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    });
  });

  it('gives two failing members errors of their own', async () => {
    const { body } = await send([call([], 1, 'nobody'), call([], 2, 'fails'), call([], 3, 'nobody')]);
    expect(body.map(({ id, error }: any) => [id, error.code])).toEqual([
      [1, -32_601],
      [2, -32_603],
      [3, -32_601],
    ]);
  });

  it('of any kind gets a reply that the specification allows, and never a crash', async () => {
    const message = fc.oneof(
      fc.jsonValue().map((value) => JSON.stringify(value)),
      fc.string({ unit: 'binary' }),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc
        .record({
          jsonrpc: fc.constant('2.0'),
          method: fc.constantFrom('echo', 'named', 'fails'),
          params: fc.jsonValue(),
          id: fc.jsonValue(),
        })
        .map((value) => JSON.stringify(value)),
    );
    const property = fc.asyncProperty(message, async (body) => {
      const { status, text } = await send(body);
      const versions = text === '' ? [] : [JSON.parse(text)].flat().map(({ jsonrpc }) => jsonrpc);
      expect(status).toBe(text === '' ? 204 : 200);
      expect(versions.every((version) => version === '2.0')).toBe(true);
    });
    await fc.assert(property, { numRuns: 200 });
    expect((await send(call([1]))).body).toMatchObject({ result: [1] });
  });

  it('over a WebSocket gets the same replies', async () => {
    const socket = await openSocket(service.port);
    const replies: unknown[] = [];
    for (const frame of ['{', '[]', '[null]', 'null', '"x"']) {
      const next = socket.next();
      socket.send(frame);
      replies.push(await next);
    }
    expect(replies).toEqual([malformed, invalid, [invalid], invalid, invalid]);
    expect(await socket.call('echo', [1])).toMatchObject({ result: [1] });
  });
});
