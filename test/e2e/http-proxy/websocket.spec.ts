import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { ManualClock } from 'sallyport/testing';
import { describe, expect, it } from 'vitest';
import { carriers } from './support/carriers.js';
import { startGateway } from './support/gateway.js';
import { dial, echoed, opened, startSocketUpstream } from './support/websockets.js';

describe.each(carriers)('a websocket through $name', (carrier) => {
  it('carries text and bytes both ways', async () => {
    const upstream = await startSocketUpstream();
    const { port } = await startGateway({ carrier, proxies: [{ match: '/chat', upstream: upstream.origin }] });
    const client = await opened(dial(port));
    expect(await echoed(client, 'gr\u00fc\u00dfe')).toBe('gr\u00fc\u00dfe');
    expect(await echoed(client, Buffer.from([0, 255, 10]))).toEqual(Buffer.from([0, 255, 10]));
    const told = once(client, 'message');
    (await upstream.socket()).send('unasked');
    expect(String((await told)[0])).toBe('unasked');
  });

  it('carries frames of megabytes', async () => {
    const upstream = await startSocketUpstream();
    const { port } = await startGateway({ carrier, proxies: [{ match: '/chat', upstream: upstream.origin }] });
    const client = await opened(dial(port));
    const data = randomBytes(16 * 1024 * 1024);
    const back = (await echoed(client, data)) as Buffer;
    expect(back.equals(data)).toBe(true);
  });

  it('closes with the code and reason of either side', async () => {
    const upstream = await startSocketUpstream();
    const { port } = await startGateway({ carrier, proxies: [{ match: '/chat', upstream: upstream.origin }] });
    const [first, second] = [await opened(dial(port)), await opened(dial(port))];
    const closedAbove = once(await upstream.socket(0), 'close');
    first.close(4_001, 'bye');
    const [code, reason] = await closedAbove;
    expect([code, String(reason)]).toEqual([4_001, 'bye']);
    const closedBelow = once(second, 'close');
    (await upstream.socket(1)).close(4_002, 'enough');
    const [codeBelow, reasonBelow] = await closedBelow;
    expect([codeBelow, String(reasonBelow)]).toEqual([4_002, 'enough']);
  });

  it('is cut where its upstream dies, and where its client does', async () => {
    const upstream = await startSocketUpstream();
    const gateway = await startGateway({ carrier, proxies: [{ match: '/chat', upstream: upstream.origin }] });
    const [first, second] = [await opened(dial(gateway.port)), await opened(dial(gateway.port))];
    const cutBelow = once(first, 'close');
    (await upstream.socket(0)).terminate();
    expect((await cutBelow)[0]).toBe(1006);
    const cutAbove = once(await upstream.socket(1), 'close');
    second.terminate();
    expect((await cutAbove)[0]).toBe(1006);
    expect(await echoed(await opened(dial(gateway.port)), 'on')).toBe('on');
  });
});

describe('the handshake of a websocket', () => {
  it('reaches the upstream as other requests do, rewritten and with its headers', async () => {
    const upstream = await startSocketUpstream({ handleProtocols: () => 'v2' });
    const proxies = [{ match: '/ws/*path', rewrite: '/$1', upstream: `${upstream.origin}/base` }];
    const { port } = await startGateway({ proxies });
    const headers = { cookie: 'a=1', 'sallyport-x': 'forged', 'x-forwarded-for': '203.0.113.9' };
    const client = await opened(
      dial(port, '/ws/room/7?token=t', { headers, origin: 'http://shop.example' }, ['v1', 'v2']),
    );
    const { request } = upstream.accepted[0]!;
    expect(client.protocol).toBe('v2');
    expect(request.url).toBe('/base/room/7?token=t');
    expect(request.headers).toMatchObject({
      cookie: 'a=1',
      origin: 'http://shop.example',
      host: new URL(upstream.origin).host,
      via: '1.1 sallyport',
      'x-forwarded-for': '127.0.0.1',
    });
    expect(request.headers).not.toHaveProperty('sallyport-x');
  });

  it('brings the extensions that both sides agree on', async () => {
    const upstream = await startSocketUpstream({ perMessageDeflate: { threshold: 0 } });
    const { port } = await startGateway({ proxies: [{ match: '/chat', upstream: upstream.origin }] });
    const client = await opened(dial(port, '/chat', { perMessageDeflate: { threshold: 0 } }));
    expect(client.extensions).toContain('permessage-deflate');
    expect(await echoed(client, 'packed '.repeat(1_000))).toBe('packed '.repeat(1_000));
  });

  it('loses nothing of what either side says right behind it', async () => {
    const upstream = await startSocketUpstream();
    const { port } = await startGateway({ proxies: [{ match: '/chat', upstream: upstream.origin }] });
    for (let count = 0; count < 20; count++) {
      const client = dial(port);
      const messages: string[] = [];
      client.on('message', (data) => messages.push((data as Buffer).toString()));
      client.once('open', () => client.send('from below'));
      (await upstream.socket(count)).send('from above');
      await expect.poll(() => messages.toSorted(), { interval: 1 }).toEqual(['from above', 'from below']);
    }
  });

  it('is the call, and the tunnel lives outside of the pool', async () => {
    const upstream = await startSocketUpstream();
    const clock = new ManualClock();
    const gateway = await startGateway({
      clock,
      proxies: [{ match: '/chat', upstream: upstream.origin }],
      pools: { 'http-proxy': { maxConcurrent: 1, maxQueue: 0 } },
    });
    const clients = [
      await opened(dial(gateway.port)),
      await opened(dial(gateway.port)),
      await opened(dial(gateway.port)),
    ];
    await gateway.idle();
    expect(gateway.counts('/chat')).toMatchObject({ succeeded: 3 });
    await clock.advance(3_600_000);
    for (const client of clients) expect(await echoed(client, 'still here')).toBe('still here');
  });
});
