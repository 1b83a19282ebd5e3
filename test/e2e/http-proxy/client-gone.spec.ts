import type { IncomingMessage, ServerResponse } from 'node:http';
import { once, type EventEmitter } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import type { HttpProxyCommand } from 'sallyport/http-proxy';
import { describe, expect, it } from 'vitest';
import { open, response } from '../../support/ask.js';
import { deferred } from '../../support/deferred.js';
import { startUpstream } from '../../support/port.js';
import { carriers } from './support/carriers.js';
import { startGateway } from './support/gateway.js';
import { hooked } from './support/hooked.js';

interface Held {
  readonly origin: string;
  /** The first request, unread and unanswered. */
  readonly arrived: Promise<{ request: IncomingMessage; reply: ServerResponse }>;
}

/** However it came to that. */
function closed(emitter: EventEmitter): Promise<void> {
  return new Promise((resolve) => emitter.once('close', () => resolve()));
}

async function startHeld(): Promise<Held> {
  const arrived = deferred<{ request: IncomingMessage; reply: ServerResponse }>();
  const origin = await startUpstream((request, reply) => {
    request.on('error', () => {});
    arrived.resolve({ request, reply });
  });
  return { origin, arrived: arrived.promise };
}

describe.each(carriers)('a client on $name that leaves', (carrier) => {
  it('before the response takes its request at the upstream along', async () => {
    const upstream = await startHeld();
    const gateway = await startGateway({ carrier, proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const sent = open(gateway.port, { path: '/x' });
    sent.end();
    const { reply } = await upstream.arrived;
    const aborted = closed(reply);
    sent.destroy();
    await aborted;
    await gateway.idle();
    expect(gateway.counts('/*path')).toMatchObject({ cancelled: 1, succeeded: 0, failed: 0, timedOut: 0 });
  });

  it('in the middle of its upload takes it along', async () => {
    const upstream = await startHeld();
    const gateway = await startGateway({ carrier, proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const sent = open(gateway.port, { method: 'POST', path: '/x', headers: { 'content-length': '1000000' } });
    sent.write('half');
    const { request } = await upstream.arrived;
    await once(request, 'data');
    const aborted = closed(request);
    sent.destroy();
    await aborted;
    expect(request.complete).toBe(false);
    await gateway.idle();
    expect(gateway.counts('/*path')).toMatchObject({ cancelled: 1, succeeded: 0, failed: 0 });
  });

  it('in the middle of its download takes it along', async () => {
    const upstream = await startHeld();
    const gateway = await startGateway({ carrier, proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const sent = open(gateway.port, { path: '/x' });
    sent.end();
    const { reply } = await upstream.arrived;
    reply.write('half');
    const message = await response(sent);
    await once(message, 'data');
    const aborted = closed(reply);
    message.on('error', () => {});
    sent.destroy();
    await aborted;
    expect(reply.writableFinished).toBe(false);
    await gateway.idle();
    expect(gateway.counts('/*path')).toMatchObject({ cancelled: 1, succeeded: 0, failed: 0 });
  });
});

describe('a client that leaves', () => {
  it('while it waits for a slot is never asked for', async () => {
    const asked: string[] = [];
    const release = deferred();
    const origin = await startUpstream(async (request, reply) => {
      asked.push(request.url!);
      await release.promise;
      reply.end('ok');
    });
    const gateway = await startGateway({
      proxies: [{ match: '/*path', upstream: origin }],
      pools: { 'http-proxy': { maxConcurrent: 1 } },
    });
    const first = gateway.ask({ path: '/first' });
    await expect.poll(() => asked).toEqual(['/first']);
    const sent = open(gateway.port, { method: 'POST', path: '/second' });
    sent.end('body');
    await expect.poll(() => gateway.snapshot().queued).toBe(1);
    sent.destroy();
    await expect.poll(() => gateway.snapshot().queued).toBe(0);
    release.resolve();
    expect(await first).toMatchObject({ status: 200 });
    await gateway.idle();
    expect(asked).toEqual(['/first']);
    expect(gateway.counts('/*path')).toMatchObject({ cancelled: 1, succeeded: 1 });
  });

  it('does not open the circuit', async () => {
    const upstream = await startUpstream(() => {});
    const breaker = { minimumCalls: 1 };
    const gateway = await startGateway({ proxies: [{ match: '/*path', upstream, breaker }] });
    const sent = open(gateway.port, { path: '/x' });
    sent.end();
    await expect.poll(() => gateway.snapshot().running).toBe(1);
    sent.destroy();
    await gateway.idle();
    expect(gateway.snapshot().circuits).toMatchObject([{ state: 'closed', counts: { cancelled: 1, failed: 0 } }]);
  });

  it('after the last byte of its response has not cancelled anything', async () => {
    const upstream = await startUpstream((_request, reply) => reply.end('ok'));
    const gateway = await startGateway({ proxies: [{ match: '/*path', upstream }] });
    for (let count = 0; count < 20; count++) await gateway.ask({ path: '/x' });
    await gateway.idle();
    expect(gateway.counts('/*path')).toMatchObject({ succeeded: 20, cancelled: 0 });
  });

  it.each<[what: string, hooks: Partial<HttpProxyCommand>]>([
    ['passes the response on', { afterResponse: () => {} }],
    [
      'has made a stream of it',
      { afterResponse: (given) => void (given.body = (given.body as Readable).pipe(new PassThrough())) },
    ],
  ])('takes its request along where a hook %s', async (_, hooks) => {
    const upstream = await startHeld();
    const gateway = await startGateway({ classes: [hooked(upstream.origin, hooks)] });
    const sent = open(gateway.port, { path: '/x' });
    sent.end();
    const { reply } = await upstream.arrived;
    reply.write('half');
    const message = await response(sent);
    message.on('error', () => {});
    await once(message, 'data');
    const aborted = closed(reply);
    sent.destroy();
    await aborted;
    await gateway.idle();
    expect(gateway.counts('hooked')).toMatchObject({ cancelled: 1, succeeded: 0, failed: 0 });
  });
});
