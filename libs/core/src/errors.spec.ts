import { describe, expect, it } from 'vitest';
import {
  AccessDeniedError,
  BulkheadFullError,
  CallCancelledError,
  CallTimeoutError,
  CircuitOpenError,
  ConfigurationError,
  EmitError,
  GatewayError,
  HandlerNotFoundError,
  InvalidCallError,
  RemoteError,
  RouteNotFoundError,
  ServiceNotFoundError,
  ShuttingDownError,
  TransportError,
  WorkerCrashedError,
  isGatewayError,
  isLocalFailure,
  type GatewayErrorCode,
} from './errors.js';

const options = { cause: new Error('SECRET') };

/** One of each, with the code it has to have; a new code does not compile until it is here. */
const EACH: { [C in GatewayErrorCode]: GatewayError & { code: C } } = {
  INVALID_CALL: new InvalidCallError('refused', [{ path: 'age', message: 'must be a number' }], options),
  HANDLER_NOT_FOUND: new HandlerNotFoundError('no method "pay"', options),
  ROUTE_NOT_FOUND: new RouteNotFoundError('no path "/pay"', options),
  ACCESS_DENIED: new AccessDeniedError('not for you', options),
  SERVICE_NOT_FOUND: new ServiceNotFoundError('nobody is "billing"', 'billing', options),
  BULKHEAD_FULL: new BulkheadFullError('full', 250, options),
  CIRCUIT_OPEN: new CircuitOpenError('open', 4_000, options),
  SHUTTING_DOWN: new ShuttingDownError('going away', options),
  CALL_TIMEOUT: new CallTimeoutError('too late', 1_000, options),
  CALL_CANCELLED: new CallCancelledError('given up', options),
  WORKER_CRASHED: new WorkerCrashedError('died', options),
  TRANSPORT_FAILED: new TransportError('not routed', 'amqp', 'unroutable', options),
  REMOTE_ERROR: new RemoteError('no funds', 'E_FUNDS', { balance: 3 }, options),
  EMIT_FAILED: new EmitError('not taken', { amqp: new Error('nacked') }, ['zeromq'], options),
  CONFIGURATION_INVALID: new ConfigurationError([{ path: 'pools.a', message: 'must be an object' }], options),
};

const fieldsOf = (error: GatewayError) => Object.fromEntries(Object.entries(error));
const each = Object.entries(EACH) as [GatewayErrorCode, GatewayError][];

describe.each(each)('%s', (code, error) => {
  const wire = JSON.stringify(error);

  it('has that code and the name of its class', () => {
    expect(error.code).toBe(code);
    expect(error.name).toBe(error.constructor.name);
    expect(String(error)).toBe(`${error.constructor.name}: ${error.message}`);
    expect(Object.keys(error)).not.toContain('name');
  });

  it('comes back from a wire as itself, with its own fields, and remote', () => {
    const rebuilt = GatewayError.fromJSON(JSON.parse(wire));
    expect(rebuilt).toBeInstanceOf(error.constructor);
    expect(rebuilt.message).toBe(error.message);
    expect(fieldsOf(rebuilt)).toEqual({ ...fieldsOf(error), origin: 'remote' });
  });

  it('sends its code, its message and its data, and neither its stack nor its cause', () => {
    expect(Object.keys(JSON.parse(wire)).filter((key) => !['code', 'message', 'data'].includes(key))).toEqual([]);
    expect(wire).not.toContain('SECRET');
    expect(wire).not.toContain('errors.spec');
  });

  it('is known by its code alone where its prototype was lost', () => {
    const bare = JSON.parse(wire);
    expect(isGatewayError(bare)).toBe(true);
    expect(isGatewayError(bare, code)).toBe(true);
    expect(isGatewayError(bare, code === 'CIRCUIT_OPEN' ? 'CALL_TIMEOUT' : 'CIRCUIT_OPEN')).toBe(false);
  });
});

describe('isLocalFailure', () => {
  const FAILURES = ['CALL_TIMEOUT', 'WORKER_CRASHED', 'TRANSPORT_FAILED', 'REMOTE_ERROR', 'EMIT_FAILED'];

  it.each(each)('knows whether a %s made here says something about the target', (code, error) => {
    const local = Object.assign(Object.create(error) as GatewayError, { origin: 'local' });
    expect(isLocalFailure(local)).toBe([...FAILURES, 'CONFIGURATION_INVALID'].includes(code));
  });

  it.each(each)('takes every %s from a remote side for a failure of the target', (_, error) => {
    expect(isLocalFailure(GatewayError.fromJSON(JSON.parse(JSON.stringify(error))))).toBe(true);
  });

  it.each([[new Error('any')], ['a string'], [undefined], [null], [{ code: 'ECONNREFUSED' }]])(
    'takes %o, which is not ours, for a failure',
    (thrown) => {
      expect(isGatewayError(thrown)).toBe(false);
      expect(isLocalFailure(thrown)).toBe(true);
    },
  );
});

describe('what a peer sent', () => {
  it('is a RemoteError with its code and data where we do not know the code', () => {
    const unknown = GatewayError.fromJSON({ code: -32_000, message: 'no funds', data: { balance: 3 } });
    expect(unknown).toBeInstanceOf(RemoteError);
    expect(unknown).toMatchObject({
      remoteCode: -32_000,
      message: 'no funds',
      data: { balance: 3 },
      origin: 'remote',
    });
  });

  it.each(['toString', 'constructor', '__proto__', 'hasOwnProperty', 'valueOf', ''])(
    'is a RemoteError when its code is %o',
    (code) => {
      expect(GatewayError.fromJSON({ code, message: 'x' })).toMatchObject({ code: 'REMOTE_ERROR', remoteCode: code });
      expect(isGatewayError({ code })).toBe(false);
    },
  );

  it.each([[null], [undefined], [7], ['text'], [[]], [{}], [{ code: null }], [{ code: { toString: null } }]])(
    'does not throw as %o',
    (json) => {
      expect(GatewayError.fromJSON(json as never)).toMatchObject({ code: 'REMOTE_ERROR', message: '' });
    },
  );

  const NASTY = [null, 'text', 7, [], [null, 1, []], JSON.parse('{ "__proto__": 1, "toString": 1 }')];
  const nastyData = [...NASTY, ...NASTY.map((value) => dataOf(value))];

  it.each(each.map(([code]) => code))('does not throw as %s with fields of wrong types', (code) => {
    for (const data of nastyData) {
      const rebuilt = GatewayError.fromJSON({ code, message: data, data });
      expect(rebuilt.code).toBe(code);
      expect(() => JSON.stringify(rebuilt)).not.toThrow();
    }
  });

  it('keeps what it said, where a configuration error has lost its problems', () => {
    const rebuilt = GatewayError.fromJSON({ code: 'CONFIGURATION_INVALID', message: 'service: is required' });
    expect(rebuilt.message).toBe('service: is required');
  });
});

/** Every field that any code reads, with one value. */
function dataOf(value: unknown): Record<string, unknown> {
  const fields = ['issues', 'service', 'retryAfterMs', 'timeoutMs', 'transport', 'reason', 'remoteCode', 'data'];
  return Object.fromEntries([...fields, 'failed', 'succeeded', 'problems'].map((field) => [field, value]));
}

describe('a configuration error', () => {
  it('says every problem in one message, each with its place', () => {
    const problems = [
      { path: 'pools.billing.maxQueue', message: 'must be a whole number' },
      { path: '', message: 'must be an object' },
    ];
    expect(new ConfigurationError(problems).message).toBe(
      'pools.billing.maxQueue: must be a whole number\nmust be an object',
    );
  });
});
