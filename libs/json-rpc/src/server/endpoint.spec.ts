import fc from 'fast-check';
import { AccessDeniedError, type Outcome } from 'sallyport';
import { describe, expect, it } from 'vitest';
import { legacyFormat, strictFormat } from '../envelope/reply.js';
import { isCall, type Params } from '../envelope/request.js';
import { JsonRpcError } from '../json-rpc-error.js';
import { Authentication } from './authentication.js';
import { Endpoint, type EndpointOptions } from './endpoint.js';
import type { IncomingCall } from './incoming-call.js';
import type { Origin } from './origin.js';
import type { Peer } from './peer.js';
import type { RpcMethod } from './rpc-method.js';

const LIMITS = { maxBatch: 100, batchConcurrency: 16, maxDepth: 64, trusted: false };

type Handler = (params: Params | undefined, call: IncomingCall) => unknown;

function method(handle: Handler, isPrivate = false): RpcMethod {
  return {
    private: isPrivate,
    dispatch: async (params, call): Promise<Outcome> => {
      try {
        return { ok: true, value: await handle(params, call) };
      } catch (error) {
        return { ok: false, error: error as Error };
      }
    },
  };
}

const METHODS: Record<string, RpcMethod> = {
  echo: method((params) => params),
  nothing: method(() => undefined),
  throws: method(() => {
    throw new Error('secret');
  }),
  refuses: method(() => {
    throw new JsonRpcError(7, 'no', { why: 'so' });
  }),
  circular: method(() => {
    const value: Record<string, unknown> = {};
    return (value['self'] = value);
  }),
  deep: method(() => {
    let value: unknown[] = [];
    for (let depth = 0; depth < 100_000; depth++) value = [value];
    return value;
  }),
  function: method(() => () => 1),
  bigint: method(() => 1n),
  hidden: method((params) => params, true),
};

interface Answering {
  readonly methods?: Record<string, RpcMethod>;
  readonly options?: Partial<EndpointOptions>;
  readonly legacy?: boolean;
  readonly admit?: (call: IncomingCall) => string | undefined;
}

/** The reply, once there is one, or none is to come. */
function answer(message: string | Buffer, answering: Answering = {}): Promise<string | undefined> {
  const { methods = METHODS, options, legacy, admit = () => undefined } = answering;
  const table = new Map(Object.entries(methods));
  const format = legacy === true ? legacyFormat : strictFormat;
  const endpoint = new Endpoint(table, new Authentication([]), format, { ...LIMITS, ...options });
  return new Promise((reply) => {
    const peer = {} as Peer;
    const origin: Origin = { transport: 'json-rpc', peer, admit, ended: () => {}, controls: () => {}, reply };
    endpoint.receive(Buffer.from(message), origin);
  });
}

async function parsed(message: unknown, answering?: Answering): Promise<any> {
  const reply = await answer(JSON.stringify(message), answering);
  return reply === undefined ? undefined : JSON.parse(reply);
}

function request(name: string, params?: unknown, id: unknown = 1): Record<string, unknown> {
  return { jsonrpc: '2.0', method: name, params, id };
}

const internal = { code: -32_603, message: 'Internal error' };
const invalid = { jsonrpc: '2.0', error: { code: -32_600, message: 'Invalid Request' }, id: null };

describe('an endpoint', () => {
  it('answers with what the method gave', async () => {
    expect(await answer('{"jsonrpc":"2.0","method":"echo","params":[1,"ü"],"id":"x"}')).toBe(
      '{"jsonrpc":"2.0","result":[1,"ü"],"id":"x"}',
    );
  });

  it('answers null where the method gave nothing', async () => {
    expect(await parsed(request('nothing'))).toEqual({ jsonrpc: '2.0', result: null, id: 1 });
  });

  it.each(['throws', 'circular', 'deep', 'function', 'bigint'])('answers an internal error to %s', async (name) => {
    expect(await parsed(request(name))).toEqual({ jsonrpc: '2.0', error: internal, id: 1 });
  });

  it('answers what a handler throws on purpose', async () => {
    expect(await parsed(request('refuses'))).toMatchObject({ error: { code: 7, message: 'no', data: { why: 'so' } } });
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'rpc.discover', 'rpc.x', '', '\ud800'])(
    'has no method %j',
    async (name) => {
      expect(await parsed(request(name, [], '\udfff'))).toEqual({
        jsonrpc: '2.0',
        error: { code: -32_601, message: 'Method not found' },
        id: '\udfff',
      });
    },
  );

  it('gives params with the names of prototypes to the method as they are, and to nobody else', async () => {
    const text = '{"__proto__":{"polluted":1},"constructor":2,"toString":3}';
    const reply = await answer(`{"jsonrpc":"2.0","method":"echo","params":${text},"id":1}`);
    expect(reply).toBe(`{"jsonrpc":"2.0","result":${text},"id":1}`);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it.each([
    ['a method that is no string', { ...request('echo'), method: 1 }],
    ['params that are a scalar', request('echo', 'x')],
    ['params that are null', request('echo', null)],
    ['another version', { ...request('echo'), jsonrpc: '1.0' }],
    ['no version', { method: 'echo', id: 1 }],
    ['an id that is an object', request('echo', [], {})],
    ['an id that is an array', request('echo', [], [])],
    ['an id that is true', request('echo', [], true)],
    ['a number', 1],
    ['a string', 'echo'],
    ['null', null],
    ['true', true],
    ['an empty batch', []],
  ])('refuses %s', async (_, message) => {
    expect(await parsed(message)).toEqual(invalid);
  });

  it('denies what is private before it looks at the params', async () => {
    const denied = JSON.parse((await answer(JSON.stringify(request('hidden', { wrong: 1 }))))!);
    expect(denied).toMatchObject({ error: { code: -32_001, data: { code: new AccessDeniedError('').code } }, id: 1 });
  });

  it('has both result and error in a reply where old clients look for them', async () => {
    expect(await parsed(request('echo', [1]), { legacy: true })).toEqual({
      jsonrpc: '2.0',
      result: [1],
      error: null,
      id: 1,
    });
    const { result, error } = await parsed(request('nobody'), { legacy: true });
    expect([result, error.code]).toEqual([null, -32_601]);
  });

  it('answers with the error of its origin where that takes no more', async () => {
    const admit = (): string => '{"code":1,"message":"full"}';
    expect(await parsed(request('echo'), { admit })).toMatchObject({ error: { code: 1 }, id: 1 });
    expect(await parsed({ ...request('echo'), id: undefined }, { admit })).toBeUndefined();
  });
});

describe('a batch', () => {
  const error = { code: -32_601, message: 'Method not found' };

  it('of one is answered with an array of one', async () => {
    expect(await parsed([request('echo', [1])])).toEqual([{ jsonrpc: '2.0', result: [1], id: 1 }]);
  });

  it('of as many as there may be is answered, each member with its own id and error, in order', async () => {
    const batch = Array.from({ length: 100 }, (_, id) => request(id % 2 === 0 ? 'echo' : 'nobody', [id], id));
    const replies = await parsed(batch);
    expect(replies.map(({ id }: { id: number }) => id)).toEqual(batch.map(({ id }) => id));
    expect(replies[3]).toEqual({ jsonrpc: '2.0', error, id: 3 });
    expect(replies[5]).toEqual({ jsonrpc: '2.0', error, id: 5 });
  });

  it('of one more is refused as a whole', async () => {
    expect(await parsed(Array.from({ length: 101 }, () => request('echo')))).toEqual(invalid);
  });

  it('gives each invalid member an error of its own', async () => {
    expect(await parsed([null, 1, [request('echo')], request('echo', [2])])).toEqual([
      invalid,
      invalid,
      invalid,
      { jsonrpc: '2.0', result: [2], id: 1 },
    ]);
  });

  it('answers calls with the same id one by one', async () => {
    const replies = await parsed([request('echo', [1], 'x'), request('echo', [2], 'x'), request('echo', [3], 'x')]);
    expect(replies.map(({ result }: { result: number[] }) => result[0])).toEqual([1, 2, 3]);
  });

  it('of notifications alone is not answered, and runs all the same', async () => {
    const seen: unknown[] = [];
    const batch = Array.from({ length: 40 }, (_, at) => ({ ...request('see', [at]), id: undefined }));
    const reply = await parsed(batch, { methods: { see: method((params) => seen.push(params)) } });
    expect(reply).toBeUndefined();
    await expect.poll(() => seen.length).toBe(40);
  });

  it('is answered while a notification in it still runs', async () => {
    const methods = { ...METHODS, hang: method(() => new Promise(() => {})) };
    const batch = [{ ...request('hang'), id: undefined }, request('echo', [1])];
    expect(await parsed(batch, { methods })).toEqual([{ jsonrpc: '2.0', result: [1], id: 1 }]);
  });

  it('runs so many members at a time, and the next when one is done', async () => {
    let [running, most] = [0, 0];
    const methods = {
      work: method(async () => {
        most = Math.max(most, ++running);
        await Promise.resolve();
        running--;
      }),
    };
    const batch = Array.from({ length: 20 }, (_, id) => request('work', [], id));
    await parsed(batch, { methods, options: { batchConcurrency: 3 } });
    expect(most).toBe(3);
  });

  it('of refusals alone does not grow the stack', async () => {
    const batch = Array.from({ length: 50_000 }, (_, id) => request('nobody', [], id));
    expect(await parsed(batch, { options: { maxBatch: 50_000, batchConcurrency: 1 } })).toHaveLength(50_000);
  });
});

/** JSON-RPC 2.0 §5: one of result and error, the id, and nothing else. */
function isReply(reply: any): boolean {
  const keys = Object.keys(reply).toSorted().join();
  const { error, jsonrpc, id } = reply;
  const wellFormed = error === undefined || (Number.isInteger(error.code) && typeof error.message === 'string');
  const known = id === null || ['string', 'number'].includes(typeof id);
  return jsonrpc === '2.0' && known && wellFormed && (keys === 'id,jsonrpc,result' || keys === 'error,id,jsonrpc');
}

/** How many replies there are to be: one, that many in an array, or none at all. */
function expected(message: unknown): number | 'one' | 'none' {
  const answered = (member: unknown): boolean => !isCall(member) || member.id !== undefined;
  if (!Array.isArray(message)) return answered(message) ? 'one' : 'none';
  if (message.length === 0 || message.length > LIMITS.maxBatch) return 'one';
  return message.filter(answered).length || 'none';
}

/** As `expected` says it. */
function given(reply: string | undefined): number | 'one' | 'none' {
  if (reply === undefined) return 'none';
  const replies: unknown = JSON.parse(reply);
  return Array.isArray(replies) ? replies.length : 'one';
}

function repliesIn(reply: string | undefined): unknown[] {
  return reply === undefined ? [] : [JSON.parse(reply)].flat();
}

describe('whatever comes in', () => {
  const name = fc.constantFrom(...Object.keys(METHODS), 'nobody', '__proto__');
  const almost = fc.record(
    {
      jsonrpc: fc.oneof({ weight: 9, arbitrary: fc.constant('2.0') }, fc.jsonValue()),
      method: fc.oneof({ weight: 9, arbitrary: name }, fc.jsonValue()),
      params: fc.jsonValue(),
      id: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );

  it('any JSON value gets a reply that the specification allows', async () => {
    const message = fc.oneof(fc.jsonValue(), almost, fc.array(fc.oneof(almost, fc.jsonValue()), { maxLength: 5 }));
    const property = fc.asyncProperty(message, async (value) => {
      const text = JSON.stringify(value);
      const reply = await answer(text);
      expect(given(reply)).toBe(expected(JSON.parse(text)));
      expect(repliesIn(reply).every(isReply)).toBe(true);
    });
    await fc.assert(property, { numRuns: 500 });
  });

  it('any bytes do', async () => {
    const property = fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (bytes) => {
      expect(repliesIn(await answer(Buffer.from(bytes))).every(isReply)).toBe(true);
    });
    await fc.assert(property, { numRuns: 500 });
  });

  it('a call that was damaged on its way does', async () => {
    const text = JSON.stringify([request('echo', [1, 'ü']), request('throws'), { ...request('echo'), id: undefined }]);
    const damaged = fc.tuple(fc.nat(Buffer.byteLength(text) - 1), fc.nat(255)).map(([at, byte]) => {
      const bytes = Buffer.from(text);
      bytes[at] = byte;
      return bytes;
    });
    const property = fc.asyncProperty(damaged, async (bytes) => {
      expect(repliesIn(await answer(bytes)).every(isReply)).toBe(true);
    });
    await fc.assert(property, { numRuns: 500 });
  });
});
