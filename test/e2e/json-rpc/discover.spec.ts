import { Ajv } from 'ajv';
import * as metaSchema from '@open-rpc/meta-schema';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { ExposedMethod, ExposedNamespace } from 'sallyport';
import { headerToken, type JsonRpcOptions } from 'sallyport/json-rpc';
import { describe, expect, it } from 'vitest';
import { post } from './support/post.js';
import { startService } from './support/service.js';
import { openSocket } from './support/socket.js';

const discover = { jsonrpc: '2.0', method: 'rpc.discover', id: 1 };

/** As a schema library gives it. */
function schema(input: object | (() => never)): StandardSchemaV1 {
  const convert = (): object => (typeof input === 'function' ? input() : input);
  const standard = {
    version: 1,
    vendor: 'test',
    validate: (value: unknown) => ({ value }),
    jsonSchema: { input: convert, output: convert },
  };
  return { '~standard': standard } as StandardSchemaV1;
}

const user = schema({
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  properties: {
    nickname: { type: 'string' },
    name: { type: 'string', minLength: 1 },
    address: { $ref: '#/definitions/address' },
  },
  required: ['name', 'address'],
  definitions: { address: { type: 'object', properties: { street: { type: 'string' } } } },
});

@ExposedNamespace('users')
class Users {
  @ExposedMethod({ schema: user })
  add(given: unknown): unknown {
    return given;
  }

  @ExposedMethod({ params: ['name', 'address'], schema: user })
  both(name: unknown): unknown {
    return name;
  }

  @ExposedMethod({ params: ['id', 'force'] })
  find(id: unknown): unknown {
    return id;
  }

  @ExposedMethod()
  count(): number {
    return 0;
  }

  @ExposedMethod({
    schema: schema(() => {
      throw new Error('has no JSON Schema');
    }),
  })
  odd(given: unknown): unknown {
    return given;
  }

  @ExposedMethod({ private: true })
  remove(): void {}
}

async function document(options?: JsonRpcOptions, headers?: Record<string, string>): Promise<any> {
  const { port } = await startService({ providers: [Users], options });
  return (await post(port, discover, { headers })).body.result;
}

/** The meta-schema refers to that of JSON Schema at an address of its own. */
function validator(): ReturnType<Ajv['compile']> {
  const ajv = new Ajv({ strict: false, allErrors: true });
  const draft = { $ref: 'http://json-schema.org/draft-07/schema#' };
  const definitions = { JSONSchemaObject: { properties: { $ref: { type: 'string' } } } };
  ajv.addSchema({ $id: 'https://meta.json-schema.tools', ...draft });
  ajv.addSchema({ $id: 'https://meta.json-schema.tools/', definitions });
  // Its types say nothing about what it exports.
  const { openrpcDocument } = metaSchema as unknown as { openrpcDocument: Record<string, unknown> };
  return ajv.compile({ ...openrpcDocument, $schema: undefined });
}

describe('rpc.discover', () => {
  it('gives an OpenRPC document that its meta-schema accepts', async () => {
    const validate = validator();
    const given = await document();
    expect(validate(given), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...given, methods: [{ name: 'x' }] })).toBe(false);
  });

  it('describes each method by what its decorator says', async () => {
    const { openrpc, info, methods, components } = await document();
    expect([openrpc, info.title]).toEqual(['1.3.2', 'accounts']);
    const result = { name: 'result', schema: {} };
    const address = { $ref: '#/components/schemas/users.add.address' };
    expect(methods).toEqual([
      {
        name: 'users.add',
        paramStructure: 'by-name',
        params: [
          { name: 'name', required: true, schema: { type: 'string', minLength: 1 } },
          { name: 'address', required: true, schema: address },
          { name: 'nickname', schema: { type: 'string' } },
        ],
        result,
      },
      {
        name: 'users.both',
        paramStructure: 'either',
        params: [
          { name: 'name', required: true, schema: { type: 'string', minLength: 1 } },
          { name: 'address', required: true, schema: { $ref: '#/components/schemas/users.both.address' } },
        ],
        result,
      },
      {
        name: 'users.find',
        paramStructure: 'either',
        params: [
          { name: 'id', schema: {} },
          { name: 'force', schema: {} },
        ],
        result,
      },
      { name: 'users.count', params: [], result },
      { name: 'users.odd', paramStructure: 'by-name', params: [], result },
    ]);
    expect(components.schemas['users.add.address']).toEqual({
      type: 'object',
      properties: { street: { type: 'string' } },
    });
  });

  it('shows private methods to who may call them, and to nobody else', async () => {
    const options = { authenticators: [headerToken('x-token', 'one')] };
    const names = ({ methods }: any): string[] => methods.map(({ name }: any) => name);
    expect(names(await document(options))).not.toContain('users.remove');
    expect(names(await document(options, { 'x-token': 'one' }))).toContain('users.remove');
  });

  it('asks about each private method by its name', async () => {
    const options = { authenticators: [{ authenticate: ({ method }: any) => method === 'users.remove' }] };
    const { methods } = await document(options);
    expect(methods.at(-1).name).toBe('users.remove');
  });

  it('is no method with discover: false', async () => {
    expect(await document({ discover: false })).toBeUndefined();
  });

  it('is there over a WebSocket', async () => {
    const { port } = await startService({ providers: [Users], options: { webSocket: true } });
    const socket = await openSocket(port);
    expect((await socket.call('rpc.discover')).result.openrpc).toBe('1.3.2');
  });
});
