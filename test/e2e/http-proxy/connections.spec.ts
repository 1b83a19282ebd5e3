import { Agent } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RawConnection } from '../../support/raw-connection.js';
import { HEAD, startRawUpstream, type RawUpstream } from '../../support/raw-upstream.js';
import { carriers } from './support/carriers.js';
import { startGateway } from './support/gateway.js';
import { startRecorder } from './support/recorder.js';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** Answers the first request on each connection; `die` says what becomes of a connection at its second. */
function startForgetful(die: (connection: RawConnection) => unknown): Promise<RawUpstream> {
  return startRawUpstream(async (connection) => {
    await connection.receives(HEAD);
    await connection.write(OK);
    await connection.receives(/\r\n\r\n[^]*\r\n\r\n/);
    await die(connection);
  });
}

const reset = (connection: RawConnection): void => connection.reset();

describe.each(carriers)('the connections of a gateway on $name', (carrier) => {
  it('are used again, on both sides', async () => {
    const upstream = await startRecorder();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const gateway = await startGateway({ carrier, proxies: [{ match: '/*path', upstream: upstream.origin }] });
    for (let count = 0; count < 10; count++) {
      const asked = count % 2 === 0 ? { path: '/x' } : { method: 'POST', path: '/x', body: 'b' };
      const { status, headers } = await gateway.ask({ ...asked, agent });
      expect([status, headers.connection]).toEqual([200, 'keep-alive']);
    }
    expect(upstream.connections()).toBe(1);
    expect(Object.values(agent.freeSockets).flat()).toHaveLength(1);
  });

  it('are closed where the client asks for it, and kept to the upstream', async () => {
    const upstream = await startRecorder();
    const gateway = await startGateway({ carrier, proxies: [{ match: '/*path', upstream: upstream.origin }] });
    for (let count = 0; count < 3; count++) {
      const { headers } = await gateway.ask({ path: '/x', headers: { connection: 'close' } });
      expect(headers.connection).toBe('close');
    }
    expect(upstream.connections()).toBe(1);
  });
});

describe('a request on a kept connection that died before the first byte of the response', () => {
  it.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE'])('is repeated once on another: %s', async (method) => {
    const upstream = await startForgetful(reset);
    const gateway = await startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin }] });
    await gateway.ask({ path: '/first' });
    expect(await gateway.ask({ method, path: '/second' })).toMatchObject({ status: 200 });
    expect([upstream.asked(), upstream.connections.length]).toEqual([3, 2]);
    await gateway.idle();
    expect(gateway.counts('/*path')).toMatchObject({ succeeded: 2, failed: 0 });
  });

  it('is repeated also where the upstream ended it in order', async () => {
    const upstream = await startForgetful((connection) => connection.end());
    const gateway = await startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin }] });
    await gateway.ask({ path: '/first' });
    expect(await gateway.ask({ path: '/second' })).toMatchObject({ status: 200 });
    expect(upstream.asked()).toBe(3);
  });

  it.each([
    ['POST', undefined],
    ['PATCH', undefined],
    ['PUT', 'body'],
    ['DELETE', 'body'],
    ['POST', 'body'],
  ])('is not repeated: %s with body %s', async (method, body) => {
    const upstream = await startForgetful(reset);
    const gateway = await startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin }] });
    await gateway.ask({ path: '/first' });
    expect(await gateway.ask({ method, path: '/second', body })).toMatchObject({ status: 502 });
    expect(upstream.asked()).toBe(2);
  });

  it('is not repeated once a byte of the response was there', async () => {
    const upstream = await startForgetful(async (connection) => {
      await connection.write('HTTP/1.1 200');
      connection.reset();
    });
    const gateway = await startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin }] });
    await gateway.ask({ path: '/first' });
    expect(await gateway.ask({ path: '/second' })).toMatchObject({ status: 502 });
    expect(upstream.asked()).toBe(2);
  });

  it('is not repeated a second time', async () => {
    const upstream = await startRawUpstream(async (connection, index) => {
      await connection.receives(HEAD);
      if (index > 0) return connection.reset();
      await connection.write(OK);
      await connection.receives(/\r\n\r\n[^]*\r\n\r\n/);
      connection.reset();
    });
    const gateway = await startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin }] });
    await gateway.ask({ path: '/first' });
    expect(await gateway.ask({ path: '/second' })).toMatchObject({ status: 502 });
    expect(upstream.asked()).toBe(3);
  });
});

it('a request on a new connection that died is not repeated', async () => {
  const upstream = await startRawUpstream(async (connection) => {
    await connection.receives(HEAD);
    connection.reset();
  });
  const gateway = await startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin }] });
  expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 502 });
  expect(upstream.asked()).toBe(1);
});

describe('the connection of a client', () => {
  function oneConnection(): Agent {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    return agent;
  }

  it('goes on or closes after a body that nobody read', async () => {
    const upstream = await startRecorder();
    const gateway = await startGateway({ proxies: [{ match: '/x', upstream: upstream.origin }] });
    const agent = oneConnection();
    const unwanted = { method: 'POST', path: '/nothing', body: 'x'.repeat(3_000_000), agent };
    for (let count = 0; count < 5; count++) {
      expect(await gateway.ask(unwanted)).toMatchObject({ status: 404 });
      expect(await gateway.ask({ path: '/x', agent })).toMatchObject({ status: 200, body: 'ok' });
    }
  });

  it.each([
    ['a HEAD', 'HEAD', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['a HEAD with a length', 'HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n'],
    ['a 204', 'GET', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['a 304 with a length', 'GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n'],
    ['a 205 that is empty', 'GET', 'HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n'],
  ])('goes on after a response without a body: %s', async (_, method, answer) => {
    const upstream = await startRawUpstream(async (connection) => {
      for (;;) {
        await connection.receives(HEAD);
        connection.forget();
        await connection.write(answer);
      }
    });
    const gateway = await startGateway({ proxies: [{ match: '/x', upstream: upstream.origin }] });
    const agent = oneConnection();
    const status = Number(answer.slice(9, 12));
    for (let count = 0; count < 4; count++) {
      expect(await gateway.ask({ method, path: '/x', agent })).toMatchObject({ status, body: '' });
    }
    await gateway.idle();
    expect(gateway.counts('/x')).toMatchObject({ succeeded: 4, failed: 0 });
  });
});
