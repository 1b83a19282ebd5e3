import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { carriers } from '../../e2e/http-proxy/support/carriers.js';
import { startGateway } from '../../e2e/http-proxy/support/gateway.js';
import { open, response } from '../../support/ask.js';
import { startUpstream } from '../../support/port.js';
import { startGatewayProcess } from './support/gateway-process.js';

/** The old gateway stopped answering after 5 × 64 of them. */
const ROUNDS = 5;
const CLIENTS = 64;

/** Reads every upload and never ends a download. */
function greedy(request: IncomingMessage, reply: ServerResponse): void {
  request.on('error', () => {}).resume();
  if (request.url === '/alive') reply.end('alive');
  else if (request.method === 'GET') reply.write(Buffer.alloc(64 * 1024));
}

/** Leaves when its upload is under way. */
async function leaveUpload(port: number): Promise<void> {
  const sent = open(port, { method: 'POST', path: '/x', headers: { 'content-length': '10000000' } });
  await new Promise((resolve) => sent.write(Buffer.alloc(64 * 1024), resolve));
  sent.destroy();
}

/** Leaves when its download is under way. */
async function leaveDownload(port: number): Promise<void> {
  const sent = open(port, { path: '/x' });
  sent.end();
  const message = await response(sent);
  message.on('error', () => {});
  await once(message, 'data');
  sent.destroy();
}

/** Leaves at once. */
async function leaveEarly(port: number): Promise<void> {
  const sent = open(port, { path: '/x' });
  sent.end();
  await once(sent, 'finish');
  sent.destroy();
}

const WAYS: [when: string, leave: (port: number) => Promise<void>][] = [
  ['in the middle of their uploads', leaveUpload],
  ['in the middle of their downloads', leaveDownload],
  ['before the response', leaveEarly],
];

describe.each(carriers)('clients on $name that leave', (carrier) => {
  it.each(WAYS)('%s, 5 times 64 of them, leave nothing behind', async (_, leave) => {
    const upstream = await startUpstream(greedy);
    const gateway = await startGateway({
      carrier,
      proxies: [{ match: '/*path', upstream }],
      pools: { 'http-proxy': { maxConcurrent: CLIENTS, maxQueue: CLIENTS } },
    });
    for (let round = 0; round < ROUNDS; round++) {
      await Promise.all(Array.from({ length: CLIENTS }, () => leave(gateway.port)));
      expect(await gateway.ask({ path: '/alive' })).toMatchObject({ status: 200, body: 'alive' });
    }
    await gateway.idle();
    expect(gateway.counts('/*path')).toMatchObject({ succeeded: ROUNDS, failed: 0, timedOut: 0 });
    expect(gateway.log).toEqual([]);
  });
});

it('a gateway whose clients leave again and again needs no more memory for it', async () => {
  const upstream = await startUpstream(greedy);
  const gateway = await startGatewayProcess({ proxies: [{ match: '/*path', upstream }] });
  const storm = async (): Promise<number> => {
    for (const [, leave] of WAYS) {
      for (let round = 0; round < ROUNDS; round++) {
        await Promise.all(Array.from({ length: CLIENTS }, () => leave(gateway.port)));
      }
    }
    await gateway.idle();
    return (await gateway.state()).heapUsed;
  };
  const before = await storm();
  const after = await storm();
  expect(after - before).toBeLessThan(4 * 1024 * 1024);
  expect(await gateway.ask({ path: '/alive' })).toMatchObject({ body: 'alive' });
  expect(gateway.child.output()).not.toMatch(/error|warn/i);
});
