import fc from 'fast-check';
import { expect, it } from 'vitest';
import { startGateway } from '../../e2e/http-proxy/support/gateway.js';
import { startRecorder } from '../../e2e/http-proxy/support/recorder.js';
import { connectRaw } from '../../support/raw-connection.js';
import { HEAD, startRawUpstream } from '../../support/raw-upstream.js';

const RUNS = 300;

/** Where in the text, how much of it goes, and what comes in its place. */
const edit = fc.record({
  at: fc.nat(),
  gone: fc.nat({ max: 8 }),
  text: fc.oneof(
    fc.constantFrom(
      '\r',
      '\n',
      '\r\n',
      '\0',
      ' ',
      ':',
      ',',
      '0',
      '-1',
      '\u00ff',
      '\r\n\r\n',
      'HTTP/1.1 100 \r\n\r\n',
      '101',
    ),
    fc.constantFrom(
      'chunked',
      'Content-Length: 3\r\n',
      'Transfer-Encoding: chunked\r\n',
      'Connection: close\r\n',
      'ffffffffff',
    ),
    fc.constantFrom('%2e%2e/', '\\', '//', '@', '#', 'http://', 'Upgrade: websocket\r\n', 'Expect: 100-continue\r\n'),
  ),
});

type Edit = { at: number; gone: number; text: string };

function broken(text: string, edits: readonly Edit[]): string {
  return edits.reduce((before, { at, gone, text: put }) => {
    const index = at % (before.length + 1);
    return before.slice(0, index) + put + before.slice(index + gone);
  }, text);
}

const edits = fc.array(edit, { minLength: 1, maxLength: 4 });

const RESPONSES = [
  'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n5\r\nhello\r\n0\r\nX-T: t\r\n\r\n',
  'HTTP/1.1 302 Found\r\nLocation: /\r\nSet-Cookie: a=1\r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n',
];

const REQUESTS = [
  'GET /x?y=1 HTTP/1.1\r\nHost: a\r\nX-A: b\r\n\r\n',
  'POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello',
  'PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'GET /x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
];

it('whatever an upstream says is answered or cut off, and the gateway goes on', { timeout: 60_000 }, async () => {
  let answer = '';
  const upstream = await startRawUpstream(async (connection) => {
    await connection.receives(HEAD);
    connection.end(answer);
  });
  const gateway = await startGateway({
    proxies: [{ match: '/*path', upstream: upstream.origin, breaker: false, timeoutMs: 2_000 }],
  });
  const property = fc.asyncProperty(fc.constantFrom(...RESPONSES), edits, async (response, changes) => {
    answer = broken(response, changes);
    const client = await connectRaw(gateway.port);
    await client.write('GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(await client.all()).toMatch(/^HTTP\/1\.1 [1-9]\d\d .*\r\n/);
    expect(client.received).not.toMatch(/^HTTP\/1\.1 (500|504)/);
  });
  await fc.assert(property, { numRuns: RUNS });
  await gateway.idle();
  expect(gateway.log).toEqual([]);
});

it(
  'whatever a client says, the upstream only hears requests that are one, and the gateway goes on',
  { timeout: 60_000 },
  async () => {
    const upstream = await startRecorder();
    const gateway = await startGateway({
      proxies: [{ match: '/*path', upstream: upstream.origin, timeoutMs: 2_000, breaker: false }],
    });
    const property = fc.asyncProperty(fc.constantFrom(...REQUESTS), edits, async (request, changes) => {
      upstream.requests.length = 0;
      const client = await connectRaw(gateway.port);
      await client.write(broken(request, changes));
      expect(await gateway.ask({ path: '/good' })).toMatchObject({ status: 200, body: 'ok' });
      client.destroy();
      for (const { url, headers } of upstream.requests) {
        expect(url).toMatch(/^\/[^\s\\#?]*(\?[^\s#]*)?$/);
        expect(headers['content-length'] === undefined || headers['transfer-encoding'] === undefined).toBe(true);
        expect(headers).toMatchObject({
          via: expect.stringContaining('sallyport'),
          host: `127.0.0.1:${upstream.port}`,
        });
      }
    });
    await fc.assert(property, { numRuns: RUNS });
    await gateway.idle();
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 200, body: 'ok' });
    expect(gateway.log).toEqual([]);
  },
);
