import {
  BadGatewayException,
  BadRequestException,
  HttpException,
  ServiceUnavailableException,
  UnauthorizedException,
} from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { HEAD, startRawUpstream } from '../../support/raw-upstream.js';
import { carriers } from './support/carriers.js';
import { startGateway } from './support/gateway.js';
import { hooked } from './support/hooked.js';
import { startRecorder } from './support/recorder.js';

const throwing = (error: unknown) => (): never => {
  throw error;
};
const rejecting = (error: unknown) => async (): Promise<never> => {
  await Promise.resolve();
  throw error;
};

describe.each(carriers)('a hook on $name', (carrier) => {
  it.each([
    ['throws', throwing],
    ['rejects with', rejecting],
  ])('that %s an HttpException is answered with its status and message', async (_, failing) => {
    const upstream = await startRecorder();
    const beforeRequest = failing(new UnauthorizedException('who are you?'));
    const gateway = await startGateway({ carrier, classes: [hooked(upstream.origin, { beforeRequest })] });
    const { status, headers, body } = await gateway.ask({ method: 'POST', path: '/x', body: 'unread' });
    expect([status, body]).toEqual([401, { code: 401, message: 'who are you?', errors: [] }]);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(upstream.requests).toEqual([]);
  });
});

describe('what a hook throws', () => {
  it.each([
    [new BadRequestException('not so'), 400],
    [new HttpException('slow down', 429), 429],
  ])('is an answer below 500, and no failure of the upstream: %s', async (error, status) => {
    const upstream = await startRecorder();
    for (const hooks of [{ beforeRequest: throwing(error) }, { afterResponse: rejecting(error) }]) {
      const gateway = await startGateway({ classes: [hooked(upstream.origin, hooks)] });
      expect(await gateway.ask({ path: '/x' })).toMatchObject({ status, body: { message: error.message } });
      await gateway.idle();
      expect(gateway.counts('hooked')).toMatchObject({ succeeded: 1, failed: 0 });
    }
  });

  it('is a failure from 500 on', async () => {
    const upstream = await startRecorder();
    const afterResponse = throwing(new BadGatewayException('not that'));
    const gateway = await startGateway({ classes: [hooked(upstream.origin, { afterResponse })] });
    const message = 'not that';
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 502, body: { code: 502, message, errors: [] } });
    expect(gateway.counts('hooked')).toMatchObject({ succeeded: 0, failed: 1 });
  });

  it('has Retry-After where it is 503', async () => {
    const beforeRequest = throwing(new ServiceUnavailableException('closed for lunch'));
    const gateway = await startGateway({ classes: [hooked('http://127.0.0.1:1', { beforeRequest })] });
    const { status, headers, body } = await gateway.ask({ path: '/x' });
    expect([status, body.message]).toEqual([503, 'closed for lunch']);
    expect(headers['retry-after']).toMatch(/^[1-9]\d*$/);
  });

  it.each([
    ['an Error', new Error('the password is 1234')],
    ['a TypeError', new TypeError('x is not a function')],
    ['a string', 'the password is 1234'],
    ['nothing', undefined],
    ['null', null],
  ])('is answered 500 and kept to the gateway where it is %s', async (_, error) => {
    const upstream = await startRecorder();
    for (const hooks of [{ beforeRequest: throwing(error) }, { afterResponse: rejecting(error) }]) {
      const gateway = await startGateway({ classes: [hooked(upstream.origin, hooks)] });
      const { status, body } = await gateway.ask({ method: 'POST', path: '/x', body: 'b' });
      expect([status, body]).toEqual([500, { code: 500, message: 'internal error.', errors: [] }]);
      expect(gateway.counts('hooked')).toMatchObject({ failed: 1 });
    }
  });

  it('lets the connections of both sides go on', async () => {
    const upstream = await startRecorder((_request, response) => response.end('x'.repeat(1_000_000)));
    const afterResponse = throwing(new BadRequestException('not so'));
    const gateway = await startGateway({ classes: [hooked(upstream.origin, { afterResponse })] });
    for (let count = 0; count < 5; count++) expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 400 });
    await gateway.idle();
  });
});

it('a hook that never comes back is given up after timeoutMs', async () => {
  const upstream = await startRecorder();
  for (const hook of ['beforeRequest', 'afterResponse'] as const) {
    const classes = [hooked(upstream.origin, { [hook]: () => new Promise(() => {}) }, { timeoutMs: 60 })];
    const gateway = await startGateway({ classes, graceMs: 50 });
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 504 });
  }
});

it('a response that breaks off behind a hook cuts the connection of the client, and is a failure', async () => {
  const upstream = await startRawUpstream(async (connection) => {
    await connection.receives(HEAD);
    connection.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
  });
  const gateway = await startGateway({ classes: [hooked(upstream.origin, { afterResponse: async () => {} })] });
  await expect(gateway.ask({ path: '/x' })).rejects.toThrow('aborted');
  await gateway.idle();
  expect(gateway.counts('hooked')).toMatchObject({ failed: 1, succeeded: 0 });
});

it('a response that falls silent behind a hook cuts the connection of the client', async () => {
  const upstream = await startRawUpstream(async (connection) => {
    await connection.receives(HEAD);
    await connection.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
  });
  const classes = [hooked(upstream.origin, { afterResponse: async () => {} }, { timeoutMs: 100 })];
  const gateway = await startGateway({ classes });
  await expect(gateway.ask({ path: '/x' })).rejects.toThrow('aborted');
  await gateway.idle();
});
