import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { open, read, response } from '../../support/ask.js';
import { deferred } from '../../support/deferred.js';
import { startUpstream } from '../../support/port.js';
import { connectRaw } from '../../support/raw-connection.js';
import { carriers } from './support/carriers.js';
import { startGateway } from './support/gateway.js';
import { dial, opened, startSocketUpstream } from './support/websockets.js';

async function startHeld(): Promise<{ origin: string; arrived: Promise<ServerResponse> }> {
  const arrived = deferred<ServerResponse>();
  const origin = await startUpstream((_request, reply) => arrived.resolve(reply));
  return { origin, arrived: arrived.promise };
}

describe.each(carriers)('a gateway on $name that is told to stop', (carrier) => {
  it('lets what runs end, and says that the connection will close', async () => {
    const upstream = await startHeld();
    const gateway = await startGateway({
      carrier,
      graceMs: 10_000,
      proxies: [{ match: '/*path', upstream: upstream.origin }],
    });
    const asked = gateway.ask({ path: '/x', headers: { connection: 'keep-alive' } });
    const reply = await upstream.arrived;
    const closed = gateway.app.close();
    reply.end('ok');
    const { status, headers, body } = await asked;
    expect([status, headers.connection, body]).toEqual([200, 'close', 'ok']);
    await closed;
    await expect(gateway.ask({ path: '/x' })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('lets a download end that has begun', async () => {
    const upstream = await startHeld();
    const gateway = await startGateway({
      carrier,
      graceMs: 10_000,
      proxies: [{ match: '/*path', upstream: upstream.origin }],
    });
    const sent = open(gateway.port, { path: '/x' });
    sent.end();
    const reply = await upstream.arrived;
    reply.write('first ');
    const message = await response(sent);
    const closed = gateway.app.close();
    reply.end('last');
    expect(await read(message)).toMatchObject({ body: 'first last' });
    await closed;
  });

  it('answers 503 for what takes longer than its grace', async () => {
    const upstream = await startHeld();
    const gateway = await startGateway({
      carrier,
      graceMs: 100,
      proxies: [{ match: '/*path', upstream: upstream.origin }],
    });
    const asked = gateway.ask({ path: '/x' });
    await upstream.arrived;
    const closed = gateway.app.close();
    const { status, headers, body } = await asked;
    expect([status, body]).toEqual([503, { code: 503, message: 'gateway is shutting down.', errors: [] }]);
    expect(headers).toMatchObject({ 'retry-after': expect.stringMatching(/^[1-9]\d*$/), connection: 'close' });
    await closed;
  });

  it('cuts a download that takes longer than its grace', async () => {
    const upstream = await startHeld();
    const gateway = await startGateway({
      carrier,
      graceMs: 100,
      proxies: [{ match: '/*path', upstream: upstream.origin }],
    });
    const sent = open(gateway.port, { path: '/x' });
    sent.end();
    const reply = await upstream.arrived;
    reply.write('first ');
    const message = await response(sent);
    const letGo = once(reply, 'close');
    const closed = gateway.app.close();
    await expect(read(message)).rejects.toThrow('aborted');
    await letGo;
    await closed;
  });

  it('cuts websockets', async () => {
    const upstream = await startSocketUpstream();
    const gateway = await startGateway({
      carrier,
      graceMs: 100,
      proxies: [{ match: '/chat', upstream: upstream.origin }],
    });
    const client = await opened(dial(gateway.port));
    const cut = [once(client, 'close'), once(await upstream.socket(), 'close')];
    await gateway.app.close();
    await Promise.all(cut);
    expect(client.readyState).toBe(client.CLOSED);
  });

  it('is not kept by clients that keep their connections', async () => {
    const upstream = await startUpstream((_request, reply) => reply.end('ok'));
    const gateway = await startGateway({ carrier, graceMs: 20_000, proxies: [{ match: '/*path', upstream }] });
    const client = await connectRaw(gateway.port);
    await client.write('GET /x HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.receives(/ok$/);
    await gateway.app.close();
    expect(await client.all()).toMatch(/^HTTP\/1\.1 200 /);
  });
});

it('a listener of its own takes no connection while it waits for what runs', async () => {
  const upstream = await startHeld();
  const gateway = await startGateway({ graceMs: 10_000, proxies: [{ match: '/*path', upstream: upstream.origin }] });
  const asked = gateway.ask({ path: '/x' });
  const reply = await upstream.arrived;
  const closed = gateway.app.close();
  await expect.poll(() => taken(gateway.port)).toBe(false);
  expect(gateway.snapshot()).toMatchObject({ running: 1 });
  reply.end('ok');
  expect(await asked).toMatchObject({ status: 200 });
  await closed;
});

it('a request that comes on a kept connection while the gateway goes away is answered, and told to go elsewhere', async () => {
  const replies: ServerResponse[] = [];
  const origin = await startUpstream((_request, reply) => void replies.push(reply));
  const gateway = await startGateway({ graceMs: 10_000, proxies: [{ match: '/*path', upstream: origin }] });
  const client = await connectRaw(gateway.port);
  await client.write('GET /1 HTTP/1.1\r\nHost: a\r\n\r\n');
  await expect.poll(() => replies.length).toBe(1);
  const closed = gateway.app.close();
  await expect.poll(() => taken(gateway.port)).toBe(false);
  await client.write('GET /2 HTTP/1.1\r\nHost: a\r\n\r\n');
  await expect.poll(() => replies.length).toBe(2);
  for (const reply of replies) reply.end('ok');
  const answers = (await client.all()).split(/(?=HTTP\/1\.1 )/);
  expect(answers).toEqual([expect.stringMatching(/^HTTP\/1\.1 200 /), expect.stringMatching(/^HTTP\/1\.1 200 /)]);
  expect(answers[1]).toMatch(/\r\nConnection: close\r\n/i);
  await closed;
});

it('those who keep coming do not use up the grace of what runs', async () => {
  const held = deferred<ServerResponse>();
  const origin = await startUpstream((request, reply) => {
    if (request.url === '/held') held.resolve(reply);
    else reply.end('ok');
  });
  const gateway = await startGateway({ graceMs: 3_000, proxies: [{ match: '/*path', upstream: origin }] });
  const asked = gateway.ask({ path: '/held' });
  const reply = await held.promise;
  const closed = gateway.app.close();
  const turnedAway = async (): Promise<boolean> => {
    for (;;) {
      const { code } = await gateway.ask({ path: '/quick' }).then(
        () => ({ code: undefined }),
        (error: NodeJS.ErrnoException) => error,
      );
      if (code === 'ECONNREFUSED') return true;
    }
  };
  expect(await turnedAway()).toBe(true);
  expect(gateway.snapshot()).toMatchObject({ running: 1 });
  reply.end('ok');
  expect(await asked).toMatchObject({ status: 200 });
  await closed;
});

/** Whether a connection is accepted. */
async function taken(port: number): Promise<boolean> {
  try {
    (await connectRaw(port)).destroy();
    return true;
  } catch {
    return false;
  }
}
