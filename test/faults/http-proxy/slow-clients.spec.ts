import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startUpstream } from '../../support/port.js';
import { startGatewayProcess, type GatewayProcess } from './support/gateway-process.js';

const CLIENTS = 1_000;
const MB = 1024 * 1024;

interface SlowClient {
  readonly socket: Socket;
  text: string;
}

/** So many connections, each of which has said `text` and nothing more. */
async function slowClients(port: number, text: string): Promise<SlowClient[]> {
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, async (): Promise<SlowClient> => {
      const socket = connect(port, '127.0.0.1');
      onTestFinished(() => void socket.destroy());
      socket.on('error', () => {});
      await once(socket, 'connect');
      await new Promise((resolve) => socket.write(text, resolve));
      return { socket, text: '' };
    }),
  );
  return clients;
}

/** Writes the same to all, and resolves when each has an answer that matches. */
async function answered(clients: SlowClient[], text: string, pattern: RegExp): Promise<void> {
  for (const client of clients) client.socket.on('data', (chunk) => (client.text += String(chunk)));
  for (const { socket } of clients) socket.write(text);
  await expect.poll(() => clients.filter((client) => !pattern.test(client.text)).length, { timeout: 20_000 }).toBe(0);
}

async function expectServed(gateway: GatewayProcess): Promise<void> {
  for (let count = 0; count < 20; count++)
    expect(await gateway.ask({ path: '/quick' })).toMatchObject({ status: 200, body: 'quick' });
}

const pools = { 'http-proxy': { maxConcurrent: CLIENTS + 100, timeoutMs: 60_000 } };

describe('a thousand clients', () => {
  it('that are slow to ask take nothing from the others', async () => {
    const upstream = await startUpstream((request, reply) => reply.end(request.url!.slice(1)));
    const gateway = await startGatewayProcess({ proxies: [{ match: '/*path', upstream }] });
    const clients = await slowClients(gateway.port, 'GET /slow HTTP/1.1\r\nHo');
    await expectServed(gateway);
    for (const letter of 'st: a') for (const { socket } of clients) socket.write(letter);
    await expectServed(gateway);
    expect((await gateway.state()).pools[0]).toMatchObject({ running: 0, queued: 0 });
    await answered(clients, '\r\n\r\n', /^HTTP\/1\.1 200 [^]*slow/);
    await gateway.idle();
  });

  it('that are slow to send their bodies take nothing from the others but slots', async () => {
    const upstream = await startUpstream((request, reply) => {
      request
        .on('end', () => reply.end(request.url!.slice(1)))
        .on('error', () => {})
        .resume();
    });
    const gateway = await startGatewayProcess({ proxies: [{ match: '/*path', upstream }], pools });
    const clients = await slowClients(gateway.port, 'POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na');
    await expect.poll(async () => (await gateway.state()).pools[0]!.running, { timeout: 20_000 }).toBe(CLIENTS);
    await expectServed(gateway);
    for (const { socket } of clients) socket.write('b');
    await expectServed(gateway);
    await answered(clients, 'c', /^HTTP\/1\.1 200 [^]*slow/);
    await gateway.idle();
  });

  it('that are slow to read have neither the others nor the memory of the gateway suffer', async () => {
    const body = Buffer.alloc(64 * MB, 'x');
    const upstream = await startUpstream((request, reply) => reply.end(request.url === '/quick' ? 'quick' : body));
    const gateway = await startGatewayProcess({ proxies: [{ match: '/*path', upstream }], pools });
    const clients = await slowClients(gateway.port, 'GET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
    await expect.poll(async () => (await gateway.state()).pools[0]!.running, { timeout: 20_000 }).toBe(CLIENTS);
    await expectServed(gateway);
    for (const { socket } of clients) socket.destroy();
    await gateway.idle();
    await expectServed(gateway);
    expect((await gateway.state()).maxRss).toBeLessThan(400 * MB);
  });
});

it('a client that stops reading is cut after timeoutMs, and its slot is free again', async () => {
  const upstream = await startUpstream((_request, reply) => reply.end(Buffer.alloc(64 * MB)));
  const gateway = await startGatewayProcess({ proxies: [{ match: '/*path', upstream, timeoutMs: 500 }] });
  const socket = connect(gateway.port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.pause().write('GET /x HTTP/1.1\r\nHost: a\r\n\r\n');
  await expect.poll(async () => (await gateway.state()).pools[0]!.running).toBe(1);
  await gateway.idle();
  expect((await gateway.state()).maxRss).toBeLessThan(200 * MB);
});
