import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startGatewayProcess } from './support/gateway-process.js';

const MB = 1024 * 1024;
const BYTES = Number(process.env['PROXY_BODY_MB'] ?? 5 * 1024) * MB;
const CHUNK = Buffer.alloc(MB, 'x');
const FLAGS = ['--max-old-space-size=64', '--max-semi-space-size=8'];
const MOST = 200 * MB;

/** Plain sockets, so that this side of the test costs as little as it can. */
async function startServer(serve: (socket: Socket) => void): Promise<string> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}));
    serve(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** As fast as the other end takes it. */
function pour(socket: Socket): void {
  let left = BYTES;
  const more = (): void => {
    while (left > 0) {
      left -= CHUNK.length;
      if (!socket.write(CHUNK)) return;
    }
  };
  socket.on('drain', more);
  more();
}

/** Resolves when so many bytes came, whatever they are. */
function swallow(socket: Socket, bytes: number): Promise<void> {
  let left = bytes;
  return new Promise((resolve, reject) => {
    socket.on('data', (chunk) => (left -= chunk.length) <= 0 && resolve());
    socket.on('close', () => reject(new Error(`closed with ${left} bytes to come`)));
  });
}

describe('a body of 5 GB goes through a gateway that has 64 MB of heap', () => {
  it('on its way down', { timeout: 120_000 }, async () => {
    const upstream = await startServer((socket) =>
      socket.once('data', () => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${BYTES}\r\n\r\n`);
        pour(socket);
      }),
    );
    const gateway = await startGatewayProcess({ proxies: [{ match: '/*path', upstream }], flags: FLAGS });
    const client = connect(gateway.port, '127.0.0.1');
    onTestFinished(() => void client.destroy());
    client.write('GET /x HTTP/1.1\r\nHost: a\r\n\r\n');
    await swallow(client, BYTES);
    await gateway.idle();
    expect((await gateway.state()).maxRss).toBeLessThan(MOST);
  });

  it('on its way up', { timeout: 120_000 }, async () => {
    const upstream = await startServer((socket) => {
      void swallow(socket, BYTES).then(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nread'));
    });
    const gateway = await startGatewayProcess({ proxies: [{ match: '/*path', upstream }], flags: FLAGS });
    const client = connect(gateway.port, '127.0.0.1');
    onTestFinished(() => void client.destroy());
    client.write(`POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: ${BYTES}\r\n\r\n`);
    pour(client);
    const answer: unknown[] = await once(client, 'data');
    expect(String(answer[0])).toMatch(/^HTTP\/1\.1 200 /);
    await gateway.idle();
    expect((await gateway.state()).maxRss).toBeLessThan(MOST);
  });
});
