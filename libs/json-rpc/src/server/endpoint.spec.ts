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

function call(name: string, params?: unknown, id: unknown = 1): Record<string, unknown> {
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
    expect(await parsed(call('nothing'))).toEqual({ jsonrpc: '2.0', result: null, id: 1 });
  });

  it.each(['throws', 'circular', 'deep', 'function', 'bigint'])('answers an internal error to %s', async (name) => {
    expect(await parsed(call(name))).toEqual({ jsonrpc: '2.0', error: internal, id: 1 });
  });

  it('answers what a handler throws on purpose', async () => {
    expect(await parsed(call('refuses'))).toMatchObject({ error: { code: 7, message: 'no', data: { why: 'so' } } });
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'rpc.discover', 'rpc.x', '', '\ud800'])(
    'has no method %j',
    async (name) => {
      expect(await parsed(call(name, [], '\udfff'))).toEqual({
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
    ['a method that is no string', { ...call('echo'), method: 1 }],
    ['params that are a scalar', call('echo', 'x')],
    ['params that are null', call('echo', null)],
    ['another version', { ...call('echo'), jsonrpc: '1.0' }],
    ['no version', { method: 'echo', id: 1 }],
    ['an id that is an object', call('echo', [], {})],
    ['an id that is an array', call('echo', [], [])],
    ['an id that is true', call('echo', [], true)],
    ['a number', 1],
    ['a string', 'echo'],
    ['null', null],
    ['true', true],
    ['an empty batch', []],
  ])('refuses %s', async (_, message) => {
    expect(await parsed(message)).toEqual(invalid);
  });

  it('denies what is private before it looks at the params', async () => {
    const denied = JSON.parse((await answer(JSON.stringify(call('hidden', { wrong: 1 }))))!);
    expect(denied).toMatchObject({ error: { code: -32_001, data: { code: new AccessDeniedError('').code } }, id: 1 });
  });

  it('has both result and error in a reply where old clients look for them', async () => {
    expect(await parsed(call('echo', [1]), { legacy: true })).toEqual({
      jsonrpc: '2.0',
      result: [1],
      error: null,
      id: 1,
    });
    const { result, error } = await parsed(call('nobody'), { legacy: true });
    expect([result, error.code]).toEqual([null, -32_601]);
  });

  it('answers with the error of its origin where that takes no more', async () => {
    const admit = (): string => '{"code":1,"message":"full"}';
    expect(await parsed(call('echo'), { admit })).toMatchObject({ error: { code: 1 }, id: 1 });
    expect(await parsed({ ...call('echo'), id: undefined }, { admit })).toBeUndefined();
  });
});

describe('a batch', () => {
  const error = { code: -32_601, message: 'Method not found' };

  it('of one is answered with an array of one', async () => {
    expect(await parsed([call('echo', [1])])).toEqual([{ jsonrpc: '2.0', result: [1], id: 1 }]);
  });

  it('of as many as there may be is answered, each member with its own id and error, in order', async () => {
    const batch = Array.from({ length: 100 }, (_, id) => call(id % 2 === 0 ? 'echo' : 'nobody', [id], id));
    const replies = await parsed(batch);
    expect(replies.map(({ id }: { id: number }) => id)).toEqual(batch.map(({ id }) => id));
    expect(replies[3]).toEqual({ jsonrpc: '2.0', error, id: 3 });
    expect(replies[5]).toEqual({ jsonrpc: '2.0', error, id: 5 });
  });

  it('of one more is refused as a whole', async () => {
    expect(await parsed(Array.from({ length: 101 }, () => call('echo')))).toEqual(invalid);
  });

  it('gives each invalid member an error of its own', async () => {
    expect(await parsed([null, 1, [call('echo')], call('echo', [2])])).toEqual([
      invalid,
      invalid,
      invalid,
      { jsonrpc: '2.0', result: [2], id: 1 },
    ]);
  });

  it('answers calls with the same id one by one', async () => {
    const replies = await parsed([call('echo', [1], 'x'), call('echo', [2], 'x'), call('echo', [3], 'x')]);
    expect(replies.map(({ result }: { result: number[] }) => result[0])).toEqual([1, 2, 3]);
  });

  it('of notifications alone is not answered, and runs all the same', async () => {
    const seen: unknown[] = [];
    const batch = Array.from({ length: 40 }, (_, at) => ({ ...call('see', [at]), id: undefined }));
    const reply = await parsed(batch, { methods: { see: method((params) => seen.push(params)) } });
    expect(reply).toBeUndefined();
    await expect.poll(() => seen.length).toBe(40);
  });

  it('is answered while a notification in it still runs', async () => {
    const methods = { ...METHODS, hang: method(() => new Promise(() => {})) };
    const batch = [{ ...call('hang'), id: undefined }, call('echo', [1])];
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
    const batch = Array.from({ length: 20 }, (_, id) => call('work', [], id));
    await parsed(batch, { methods, options: { batchConcurrency: 3 } });
    expect(most).toBe(3);
  });

  it('of refusals alone does not grow the stack', async () => {
    const batch = Array.from({ length: 50_000 }, (_, id) => call('nobody', [], id));
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

function check(reply: string | undefined, message: unknown): void {
  const due = expected(message);
  if (due === 'none') return expect(reply).toBeUndefined();
  const replies: unknown = JSON.parse(reply!);
  if (due === 'one') return expect(replies).toSatisfy(isReply);
  expect(replies).toHaveLength(due);
  expect((replies as unknown[]).every(isReply)).toBe(true);
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
      check(await answer(text), JSON.parse(text));
    });
    await fc.assert(property, { numRuns: 500 });
  });

  it('any bytes do', async () => {
    const property = fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (bytes) => {
      const reply = await answer(Buffer.from(bytes));
      if (reply !== undefined) expect(JSON.parse(reply)).toSatisfy(isReply);
    });
    await fc.assert(property, { numRuns: 500 });
  });

  it('a call that was damaged on its way does', async () => {
    const text = JSON.stringify([call('echo', [1, 'ü']), call('throws'), { ...call('echo'), id: undefined }]);
    const damaged = fc.tuple(fc.nat(Buffer.byteLength(text) - 1), fc.nat(255)).map(([at, byte]) => {
      const bytes = Buffer.from(text);
      bytes[at] = byte;
      return bytes;
    });
    const property = fc.asyncProperty(damaged, async (bytes) => {
      const replies: unknown = JSON.parse((await answer(bytes))!);
      expect([replies].flat().every(isReply)).toBe(true);
    });
    await fc.assert(property, { numRuns: 500 });
  });
});
