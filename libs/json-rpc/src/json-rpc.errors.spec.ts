import { BadRequestException, ForbiddenException, NotFoundException, UnauthorizedException } from '@nestjs/common';
import { RpcException } from '@nestjs/microservices';
import {
  AccessDeniedError,
  BulkheadFullError,
  CallCancelledError,
  CallTimeoutError,
  CircuitOpenError,
  ConfigurationError,
  EmitError,
  HandlerNotFoundError,
  InvalidCallError,
  RemoteError,
  RouteNotFoundError,
  ServiceNotFoundError,
  ShuttingDownError,
  TransportError,
  WorkerCrashedError,
} from 'sallyport';
import { describe, expect, it } from 'vitest';
import { JsonRpcError } from './json-rpc-error.js';
import { errorJson, fromRpcError, type RpcErrorObject } from './json-rpc.errors.js';

function told(error: unknown): RpcErrorObject {
  return JSON.parse(errorJson(error)) as RpcErrorObject;
}

const internal = { code: -32_603, message: 'Internal error' };
const issues = [{ path: 'amount', message: 'is missing' }];

const OURS = [
  [new InvalidCallError('no', issues), -32_602, 'Invalid params', { code: 'INVALID_CALL', issues }],
  [new HandlerNotFoundError('no'), -32_601, 'Method not found', undefined],
  [new RouteNotFoundError('no'), -32_601, 'Method not found', { code: 'ROUTE_NOT_FOUND' }],
  [new AccessDeniedError('no'), -32_001, 'Access denied', { code: 'ACCESS_DENIED' }],
  [new BulkheadFullError('no', 5), -32_002, 'Too many calls', { code: 'BULKHEAD_FULL', retryAfterMs: 5 }],
  [new CircuitOpenError('no', 7), -32_003, 'Circuit open', { code: 'CIRCUIT_OPEN', retryAfterMs: 7 }],
  [new CallTimeoutError('no', 9), -32_004, 'Deadline exceeded', { code: 'CALL_TIMEOUT', timeoutMs: 9 }],
  [new ShuttingDownError('no'), -32_005, 'Shutting down', { code: 'SHUTTING_DOWN' }],
  [new CallCancelledError('no'), -32_006, 'Cancelled', { code: 'CALL_CANCELLED' }],
  [new ServiceNotFoundError('no', 'billing'), -32_603, 'Internal error', { code: 'SERVICE_NOT_FOUND' }],
  [new WorkerCrashedError('no'), -32_603, 'Internal error', { code: 'WORKER_CRASHED' }],
  [new TransportError('no', 'amqp', 'blocked'), -32_603, 'Internal error', { code: 'TRANSPORT_FAILED' }],
  [new EmitError('no', { amqp: new Error('secret') }, []), -32_603, 'Internal error', { code: 'EMIT_FAILED' }],
] as const;

describe('errorJson', () => {
  it.each(OURS)('tells of %o only what the caller may see', (error, code, message, data) => {
    expect(told(error)).toEqual(data === undefined ? { code, message } : { code, message, data });
  });

  it('tells nothing of what is wrong inside', () => {
    const secret = new Error('the password is 1234', { cause: new Error('and more') });
    const remote = new RemoteError('no such user', -32_050, { secret: 1 });
    const wrong = new ConfigurationError([{ path: 'pools.secret', message: 'no' }]);
    for (const error of [secret, remote, wrong, new NotFoundException('secret'), Object.assign(secret, { code: 'X' })])
      expect(told(error)).toEqual(internal);
  });

  it('tells what a JsonRpcError says, also where it has lost its prototype', () => {
    const error = new JsonRpcError(-1, 'no such user', { id: 7 });
    expect(told(error)).toEqual({ code: -1, message: 'no such user', data: { id: 7 } });
    expect(told({ name: 'JsonRpcError', code: 5, message: 'no' })).toEqual({ code: 5, message: 'no' });
  });

  it.each([
    ['no whole number', new JsonRpcError(1.5, 'no')],
    ['a number that is none', new JsonRpcError(NaN, 'no')],
    ['no sentence', { name: 'JsonRpcError', code: 1 }],
    ['data that are no JSON', new JsonRpcError(1, 'no', { n: 1n })],
  ])('calls it an internal error where a JsonRpcError has %s', (_, error) => {
    expect(told(error)).toEqual(internal);
  });

  it('tells what an RpcException of Nest says, and what its filters make of one', () => {
    expect(told(new RpcException('no'))).toEqual({ code: -32_000, message: 'no' });
    expect(told(new RpcException({ code: 5, message: 'no', data: 1 }))).toEqual({ code: 5, message: 'no', data: 1 });
    expect(told({ status: 'error', message: 'no' })).toEqual({ code: -32_000, message: 'no' });
    expect(told({ status: 'error', message: 'Internal server error' })).toEqual(internal);
  });

  it.each([undefined, null, 0, '', {}, [], Symbol('x')])('takes %o as it takes any other error', (thrown) => {
    expect(told(thrown)).toMatchObject({ code: expect.any(Number), message: expect.any(String) });
  });

  it('understands the pipes and guards of Nest, which speak HTTP', () => {
    expect(told(new BadRequestException(['a must be a number', 'b is missing']))).toEqual({
      code: -32_602,
      message: 'Invalid params',
      data: {
        code: 'INVALID_CALL',
        issues: [
          { path: '', message: 'a must be a number' },
          { path: '', message: 'b is missing' },
        ],
      },
    });
    expect([new ForbiddenException(), new UnauthorizedException()].map((error) => told(error).code)).toEqual([
      -32_001, -32_001,
    ]);
  });

  it('quotes why a call is invalid where it says so itself, and not what somebody else threw', () => {
    expect(told(new InvalidCallError('takes one amount')).data).toMatchObject({
      issues: [{ path: '', message: 'takes one amount' }],
    });
    const quoting = new InvalidCallError('secret', [], { cause: new Error('secret') });
    expect(told(quoting).data).toMatchObject({ issues: [] });
  });
});

describe('fromRpcError', () => {
  it.each(OURS)('gives %o back by its code, from the other side', (error) => {
    expect(fromRpcError(told(error))).toMatchObject({ code: error.code, origin: 'remote' });
  });

  it('gives the fields that were told', () => {
    expect(fromRpcError(told(new CircuitOpenError('no', 7)))).toMatchObject({ retryAfterMs: 7 });
    expect(fromRpcError(told(new InvalidCallError('no', issues)))).toMatchObject({ issues });
  });

  it.each([
    [-32_700, 'INVALID_CALL'],
    [-32_600, 'INVALID_CALL'],
    [-32_601, 'HANDLER_NOT_FOUND'],
    [-32_602, 'INVALID_CALL'],
  ])('knows %i, which the specification has, as %s', (code, name) => {
    expect(fromRpcError({ code, message: 'no' })).toMatchObject({ code: name, message: 'no', origin: 'remote' });
  });

  it.each([
    { code: -32_001, message: 'no' },
    { code: -32_603, message: 'no' },
    { code: 5, message: 'no', data: { code: 'CIRCUIT_OPEN' } },
    { code: -32_002, message: 'no', data: { code: 'CIRCUIT_OPEN' } },
    { code: -32_003, message: 'no', data: { code: 'toString' } },
    { code: -32_003, message: 'no', data: null },
  ])('takes %o for what it is: an error of somebody else', (error) => {
    expect(fromRpcError(error)).toMatchObject({ code: 'REMOTE_ERROR', remoteCode: error.code, data: error.data });
  });
});
