import { Injectable } from '@nestjs/common';
import { ExposedMethod } from 'sallyport';
import { describe, expect, it } from 'vitest';
import { carriers, startService } from './support/service.js';
import { post } from './support/post.js';
import { openSocket } from './support/socket.js';

/** The methods of the examples. */
@Injectable()
class Examples {
  @ExposedMethod({ params: ['minuend', 'subtrahend'] })
  subtract(minuend: number, subtrahend: number): number {
    return minuend - subtrahend;
  }

  @ExposedMethod()
  sum(...numbers: number[]): number {
    return numbers.reduce((total, number) => total + number, 0);
  }

  @ExposedMethod('get_data')
  getData(): unknown[] {
    return ['hello', 5];
  }

  @ExposedMethod()
  update(..._values: number[]): void {}

  @ExposedMethod('notify_hello')
  notifyHello(_id: number): void {}

  @ExposedMethod('notify_sum')
  notifySum(..._values: number[]): void {}
}

/** JSON-RPC 2.0 §7, word for word; an empty answer: none. */
const EXAMPLES = [
  [
    'rpc call with positional parameters',
    '{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}',
    '{"jsonrpc": "2.0", "result": 19, "id": 1}',
  ],
  [
    'rpc call with positional parameters, the other way round',
    '{"jsonrpc": "2.0", "method": "subtract", "params": [23, 42], "id": 2}',
    '{"jsonrpc": "2.0", "result": -19, "id": 2}',
  ],
  [
    'rpc call with named parameters',
    '{"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3}',
    '{"jsonrpc": "2.0", "result": 19, "id": 3}',
  ],
  [
    'rpc call with named parameters, in another order',
    '{"jsonrpc": "2.0", "method": "subtract", "params": {"minuend": 42, "subtrahend": 23}, "id": 4}',
    '{"jsonrpc": "2.0", "result": 19, "id": 4}',
  ],
  ['a Notification', '{"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]}', ''],
  ['a Notification without a method', '{"jsonrpc": "2.0", "method": "foobar"}', ''],
  [
    'rpc call of non-existent method',
    '{"jsonrpc": "2.0", "method": "foobar", "id": "1"}',
    '{"jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"}, "id": "1"}',
  ],
  [
    'rpc call with invalid JSON',
    '{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]',
    '{"jsonrpc": "2.0", "error": {"code": -32700, "message": "Parse error"}, "id": null}',
  ],
  [
    'rpc call with invalid Request object',
    '{"jsonrpc": "2.0", "method": 1, "params": "bar"}',
    '{"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null}',
  ],
  [
    'rpc call Batch, invalid JSON',
    `[
  {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
  {"jsonrpc": "2.0", "method"
]`,
    '{"jsonrpc": "2.0", "error": {"code": -32700, "message": "Parse error"}, "id": null}',
  ],
  [
    'rpc call with an empty Array',
    '[]',
    '{"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null}',
  ],
  [
    'rpc call with an invalid Batch (but not empty)',
    '[1]',
    `[
  {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null}
]`,
  ],
  [
    'rpc call with invalid Batch',
    '[1,2,3]',
    `[
  {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null},
  {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null},
  {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null}
]`,
  ],
  [
    'rpc call Batch',
    `[
        {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
        {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},
        {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},
        {"foo": "boo"},
        {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
        {"jsonrpc": "2.0", "method": "get_data", "id": "9"}
    ]`,
    `[
        {"jsonrpc": "2.0", "result": 7, "id": "1"},
        {"jsonrpc": "2.0", "result": 19, "id": "2"},
        {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null},
        {"jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"}, "id": "5"},
        {"jsonrpc": "2.0", "result": ["hello", 5], "id": "9"}
    ]`,
  ],
  [
    'rpc call Batch (all notifications)',
    `[
        {"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]},
        {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]}
    ]`,
    '',
  ],
] as const;

describe.each(carriers)('the examples of the specification, over HTTP on $name', (carrier) => {
  it.each(EXAMPLES)('%s', async (_, request, response) => {
    const { port } = await startService({ carrier, providers: [Examples] });
    const { status, text } = await post(port, request);
    expect(status).toBe(response === '' ? 204 : 200);
    expect(text).toBe(response === '' ? '' : JSON.stringify(JSON.parse(response)));
  });
});

describe.each(carriers)('the examples of the specification, over a WebSocket on $name', (carrier) => {
  it.each(EXAMPLES)('%s', async (_, request, response) => {
    const { port } = await startService({ carrier, providers: [Examples], options: { webSocket: true } });
    const socket = await openSocket(port);
    socket.send(request);
    // What comes after it is the next answer where this one has none.
    socket.send('{"jsonrpc":"2.0","method":"get_data","id":"after"}');
    const after = '{"jsonrpc":"2.0","result":["hello",5],"id":"after"}';
    const answers = response === '' ? [after] : [JSON.stringify(JSON.parse(response)), after];
    await expect(socket.received(answers.length)).resolves.toEqual(expect.arrayContaining(answers));
  });
});
