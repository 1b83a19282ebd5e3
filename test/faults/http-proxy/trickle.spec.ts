import { describe, expect, it } from 'vitest';
import { startGateway } from '../../e2e/http-proxy/support/gateway.js';
import { connectRaw } from '../../support/raw-connection.js';
import { HEAD, startRawUpstream, type RawUpstream } from '../../support/raw-upstream.js';

const BODY = 'byte by byte';

async function quietUpstream(): Promise<RawUpstream> {
  return startRawUpstream(() => {});
}

describe('byte by byte', () => {
  it('a response reaches the client, each before the next is sent', async () => {
    const upstream = await quietUpstream();
    const { port } = await startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const client = await connectRaw(port);
    await client.write('GET /x HTTP/1.1\r\nHost: a\r\n\r\n');
    await expect.poll(() => upstream.asked()).toBe(1);
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${BODY.length}\r\n\r\n`;
    for (const byte of head) await upstream.connections[0]!.write(byte);
    await client.receives(/\r\n\r\n$/);
    for (let sent = 1; sent <= BODY.length; sent++) {
      await upstream.connections[0]!.write(BODY[sent - 1]!);
      expect(await client.receives(new RegExp(`\r\n\r\n${BODY.slice(0, sent)}$`))).toContain('200 OK');
    }
  });

  it('a request reaches the upstream, each before the next is sent', async () => {
    const upstream = await quietUpstream();
    const { port } = await startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const client = await connectRaw(port);
    const head = `POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: ${BODY.length}\r\n\r\n`;
    for (const byte of head) await client.write(byte);
    for (let sent = 1; sent <= BODY.length; sent++) {
      await client.write(BODY[sent - 1]!);
      await expect.poll(() => upstream.connections.length, { interval: 1 }).toBe(1);
      await upstream.connections[0]!.receives(new RegExp(`\r\n\r\n${BODY.slice(0, sent)}$`));
    }
    await upstream.connections[0]!.write('HTTP/1.1 204 No Content\r\n\r\n');
    expect(await client.receives(HEAD)).toMatch(/^HTTP\/1\.1 204 /);
  });

  it('chunks of one byte stay as fast as they came', async () => {
    const upstream = await startRawUpstream(async (connection) => {
      await connection.receives(HEAD);
      const chunks = BODY.replace(/./g, '1\r\n$&\r\n');
      await connection.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`);
    });
    const { port } = await startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const client = await connectRaw(port);
    await client.write('GET /x HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.receives(/e\r\n$/);
    await upstream.connections[0]!.write('0\r\n\r\n');
    await client.receives(/\r\n0\r\n\r\n$/);
    const body = client.received.split('\r\n\r\n').slice(1).join('\r\n\r\n');
    expect(body.replace(/[\da-f]+\r\n([^\r]*)\r\n/g, '$1')).toMatch(/^byte by byte/);
  });
});
