import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { open, read, response } from '../../support/ask.js';
import { deferred, type Deferred } from '../../support/deferred.js';
import { carriers } from './support/carriers.js';
import { startGateway } from './support/gateway.js';
import { startRecorder, type Recorder } from './support/recorder.js';

/** An upstream that answers when the test says so. */
async function startHeld(): Promise<Recorder & { replies: ServerResponse[]; asked(count: number): Promise<void> }> {
  const replies: ServerResponse[] = [];
  const waiting: { count: number; arrived: Deferred }[] = [];
  const recorder = await startRecorder((_request, reply) => {
    replies.push(reply);
    for (const { count, arrived } of waiting) if (replies.length >= count) arrived.resolve();
  });
  const asked = (count: number): Promise<void> => {
    const arrived = deferred();
    waiting.push({ count, arrived });
    if (replies.length >= count) arrived.resolve();
    return arrived.promise;
  };
  return { ...recorder, replies, asked };
}

describe.each(carriers)('the pool of a proxy on $name', (carrier) => {
  it('lets so many through and has the others wait', async () => {
    const upstream = await startHeld();
    const gateway = await startGateway({
      carrier,
      proxies: [{ match: '/*path', upstream: upstream.origin }],
      pools: { 'http-proxy': { maxConcurrent: 2, maxQueue: 10 } },
    });
    const replies = ['/1', '/2', '/3', '/4'].map((path) => gateway.ask({ path }));
    await upstream.asked(2);
    await expect.poll(() => gateway.snapshot()).toMatchObject({ running: 2, queued: 2 });
    expect(upstream.replies).toHaveLength(2);
    for (let answered = 0; answered < 4; answered++) {
      await upstream.asked(answered + 1);
      upstream.replies[answered]!.end(`${answered}`);
    }
    for (const reply of await Promise.all(replies)) expect(reply.status).toBe(200);
    await gateway.idle();
    expect(gateway.counts('/*path')).toMatchObject({ succeeded: 4, refused: 0 });
  });

  it('holds the slot until the last byte of the response', async () => {
    const upstream = await startHeld();
    const gateway = await startGateway({ carrier, proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const sent = open(gateway.port, { path: '/x' });
    sent.end();
    await upstream.asked(1);
    upstream.replies[0]!.write('first');
    const message = await response(sent);
    expect(gateway.snapshot()).toMatchObject({ running: 1 });
    expect(gateway.counts('/*path')).toMatchObject({ succeeded: 0 });
    upstream.replies[0]!.end('last');
    expect(await read(message)).toMatchObject({ body: 'firstlast' });
    await gateway.idle();
    expect(gateway.counts('/*path')).toMatchObject({ succeeded: 1 });
  });
});

describe('the pool of a proxy', () => {
  it('is http-proxy, with room for 256 and 1024 more to wait, where nobody said otherwise', async () => {
    const gateway = await startGateway({ proxies: [{ match: '/*path', upstream: 'http://127.0.0.1:1' }] });
    expect(gateway.snapshot()).toMatchObject({ maxConcurrent: 256, maxQueue: 1_024 });
  });

  it('is as its app says', async () => {
    const proxies = [
      { match: '/a', upstream: 'http://127.0.0.1:1' },
      { match: '/b', upstream: 'http://127.0.0.1:1', group: 'other' },
    ];
    const gateway = await startGateway({
      proxies,
      poolDefaults: { maxQueue: 7 },
      pools: { 'http-proxy': { maxConcurrent: 3 } },
    });
    expect(gateway.snapshot()).toMatchObject({ maxConcurrent: 3, maxQueue: 7 });
    expect(gateway.snapshot('other')).toMatchObject({ maxConcurrent: 10, maxQueue: 7 });
  });

  it('is one for each group', async () => {
    const upstream = await startHeld();
    const gateway = await startGateway({
      proxies: [
        { match: '/a', upstream: upstream.origin, group: 'a' },
        { match: '/b', upstream: upstream.origin, group: 'b' },
      ],
      pools: { a: { maxConcurrent: 1, maxQueue: 0 } },
    });
    const first = gateway.ask({ path: '/a' });
    await upstream.asked(1);
    expect(await gateway.ask({ path: '/a' })).toMatchObject({ status: 503 });
    const other = gateway.ask({ path: '/b' });
    await upstream.asked(2);
    for (const reply of upstream.replies) reply.end();
    for (const reply of await Promise.all([first, other])) expect(reply.status).toBe(200);
  });

  it('counts the wait for a slot into timeoutMs, and asks nobody for who gave up', async () => {
    const upstream = await startHeld();
    const gateway = await startGateway({
      proxies: [
        { match: '/slow', upstream: upstream.origin },
        { match: '/quick', upstream: upstream.origin, timeoutMs: 80 },
      ],
      pools: { 'http-proxy': { maxConcurrent: 1 } },
    });
    const slow = gateway.ask({ path: '/slow' });
    await upstream.asked(1);
    expect(await gateway.ask({ path: '/quick' })).toMatchObject({ status: 504 });
    upstream.replies[0]!.end();
    await slow;
    await gateway.idle();
    expect(upstream.requests.map(({ url }) => url)).toEqual(['/slow']);
  });

  it('follows what an operator changes live', async () => {
    const upstream = await startHeld();
    const gateway = await startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin }] });
    gateway.pools.update('http-proxy', { circuit: 'forced-open' });
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 503 });
    gateway.pools.update('http-proxy', { circuit: 'auto', timeoutMs: 50 });
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 504 });
  });
});
