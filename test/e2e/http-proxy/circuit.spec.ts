import { InternalServerErrorException } from '@nestjs/common';
import { ManualClock } from 'sallyport/testing';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../support/port.js';
import { HEAD, startRawUpstream } from '../../support/raw-upstream.js';
import { carriers } from './support/carriers.js';
import { startGateway, type RunningGateway } from './support/gateway.js';
import { hooked } from './support/hooked.js';
import { startRecorder } from './support/recorder.js';

const stateOf = (gateway: RunningGateway, key: string): string | undefined =>
  gateway.snapshot().circuits.find((circuit) => circuit.key === key)?.state;

describe.each(carriers)('the circuit of a proxy on $name', (carrier) => {
  it('opens on failures, refuses without asking, and closes when the upstream is back', async () => {
    const port = await freePort();
    const clock = new ManualClock();
    const breaker = { minimumCalls: 3, openForMs: 1_000 };
    const gateway = await startGateway({
      carrier,
      clock,
      proxies: [{ name: 'shop', match: '/*path', upstream: `http://127.0.0.1:${port}`, breaker }],
    });
    const statuses: number[] = [];
    for (let count = 0; count < 4; count++) statuses.push((await gateway.ask({ path: '/x' })).status);
    expect(statuses).toEqual([502, 502, 502, 503]);
    expect(stateOf(gateway, 'shop')).toBe('open');

    const upstream = await startRecorder(undefined, port);
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 503 });
    expect(upstream.requests).toEqual([]);
    await clock.advance(1_000);
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 200 });
    expect(stateOf(gateway, 'shop')).toBe('closed');
  });
});

describe('the circuit of a proxy', () => {
  const breaker = { minimumCalls: 2, openForMs: 60_000 };

  it('is that of its key, whatever others in its group do', async () => {
    const [upstream, down] = [await startRecorder(), `http://127.0.0.1:${await freePort()}`];
    const gateway = await startGateway({
      proxies: [
        { match: '/down', upstream: down, breaker },
        { name: 'named', match: '/up', upstream: upstream.origin, breaker },
        { key: 'keyed', name: 'other', match: '/keyed', upstream: upstream.origin, breaker },
      ],
    });
    for (let count = 0; count < 3; count++) await gateway.ask({ path: '/down' });
    for (const path of ['/up', '/keyed']) expect(await gateway.ask({ path })).toMatchObject({ status: 200 });
    const states = Object.fromEntries(gateway.snapshot().circuits.map(({ key, state }) => [key, state]));
    expect(states).toEqual({ '/down': 'open', named: 'closed', keyed: 'closed' });
  });

  it('takes every response for an answer, whatever its status', async () => {
    const upstream = await startRecorder((_request, response) => response.writeHead(503).end('busy'));
    const gateway = await startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin, breaker }] });
    for (let count = 0; count < 5; count++) {
      expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 503, body: 'busy' });
    }
    expect(gateway.counts('/*path')).toMatchObject({ succeeded: 5, failed: 0, refused: 0 });
  });

  it('is opened by responses that afterResponse takes for failures', async () => {
    const upstream = await startRecorder((_request, response) => response.writeHead(500).end('broken'));
    const refuse = hooked(
      upstream.origin,
      {
        afterResponse(response) {
          if (response.statusCode >= 500) throw new InternalServerErrorException('upstream is broken');
        },
      },
      { breaker },
    );
    const gateway = await startGateway({ classes: [refuse] });
    const statuses: number[] = [];
    for (let count = 0; count < 3; count++) statuses.push((await gateway.ask({ path: '/x' })).status);
    expect(statuses).toEqual([500, 500, 503]);
    expect(gateway.counts('hooked')).toMatchObject({ failed: 2, refused: 1 });
  });

  it('is opened by timeouts', async () => {
    const upstream = await startRawUpstream(() => {});
    const proxies = [{ match: '/*path', upstream: upstream.origin, timeoutMs: 50, breaker }];
    const gateway = await startGateway({ proxies });
    const statuses: number[] = [];
    for (let count = 0; count < 3; count++) statuses.push((await gateway.ask({ path: '/x' })).status);
    expect(statuses).toEqual([504, 504, 503]);
  });

  it('is opened by responses that break off', async () => {
    const upstream = await startRawUpstream(async (connection) => {
      await connection.receives(HEAD);
      connection.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
    });
    const gateway = await startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin, breaker }] });
    for (let count = 0; count < 2; count++) await expect(gateway.ask({ path: '/x' })).rejects.toThrow('aborted');
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 503 });
  });

  it('is what isFailure makes of a failure', async () => {
    const upstream = `http://127.0.0.1:${await freePort()}`;
    const isFailure = (): boolean => false;
    const gateway = await startGateway({ proxies: [{ match: '/*path', upstream, breaker, isFailure }] });
    for (let count = 0; count < 4; count++) expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 502 });
    expect(gateway.counts('/*path')).toMatchObject({ failed: 0, refused: 0 });
  });

  it('can be off', async () => {
    const upstream = `http://127.0.0.1:${await freePort()}`;
    const gateway = await startGateway({
      proxies: [{ match: '/*path', upstream, breaker: false }],
      pools: { 'http-proxy': { breaker } },
    });
    for (let count = 0; count < 5; count++) expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 502 });
  });
});
