import { describe, expect, it } from 'vitest';
import { open, response } from '../../support/ask.js';
import { freePort } from '../../support/port.js';
import { connectRaw, type RawConnection } from '../../support/raw-connection.js';
import { HEAD, startRawUpstream } from '../../support/raw-upstream.js';
import { startGateway, type RunningGateway } from '../../e2e/http-proxy/support/gateway.js';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** A gateway before an upstream that does with its first connection what the test says, and from then on serves well. */
async function before(misbehave: (connection: RawConnection) => unknown): Promise<RunningGateway> {
  const upstream = await startRawUpstream(async (connection, index) => {
    if (index === 0) await misbehave(connection);
    connection.forget();
    for (;;) {
      await connection.receives(HEAD);
      connection.forget();
      await connection.write(OK);
    }
  });
  return startGateway({ proxies: [{ match: '/*path', upstream: upstream.origin, timeoutMs: 2_000 }] });
}

/** It answers, holds no slot, and logged nothing that is worth a look at night. */
async function expectUnharmed(gateway: RunningGateway): Promise<void> {
  for (let count = 0; count < 3; count++) {
    expect(await gateway.ask({ path: '/again' })).toMatchObject({ status: 200, body: 'ok' });
  }
  await gateway.idle();
  expect(gateway.log).toEqual([]);
}

const says = (text: string) => async (connection: RawConnection) => {
  await connection.receives(HEAD);
  await connection.write(text);
};

describe('an upstream that makes no sense is answered 502', () => {
  it.each<[what: string, misbehave: (connection: RawConnection) => unknown]>([
    ['it speaks another protocol', says('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n')],
    ['it sends noise', says('\u0000\u0001\u0002\u00ff\u00fe'.repeat(1_000))],
    ['its status is no number', says('HTTP/1.1 twohundred OK\r\nContent-Length: 0\r\n\r\n')],
    ['its version is from the future', says('HTTP/7.3 200 OK\r\nContent-Length: 0\r\n\r\n')],
    ['it says two lengths', says('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok')],
    ['its length is negative', says('HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok')],
    ['its header has no colon', says('HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 2\r\n\r\nok')],
    ['its header has a NUL', says('HTTP/1.1 200 OK\r\nX-A: b\0c\r\nContent-Length: 2\r\n\r\nok')],
    ['it folds a header', says('HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 2\r\n\r\nok')],
    ['its headers are huge', says(`HTTP/1.1 200 OK\r\nX-Huge: ${'h'.repeat(200_000)}\r\nContent-Length: 2\r\n\r\nok`)],
    ['its headers are countless', says(`HTTP/1.1 200 OK\r\n${'X-A: b\r\n'.repeat(50_000)}Content-Length: 2\r\n\r\nok`)],
    ['it closes without a word', (connection) => connection.receives(HEAD).then(() => connection.end())],
    ['it resets without a word', (connection) => connection.receives(HEAD).then(() => connection.reset())],
    [
      'it resets in the middle of its head',
      async (connection) => {
        await says('HTTP/1.1 200 OK\r\nContent-Le')(connection);
        connection.reset();
      },
    ],
    [
      'it half-closes in the middle of its head',
      async (connection) => {
        await says('HTTP/1.1 200 OK\r\nContent-Le')(connection);
        connection.end();
      },
    ],
  ])('because %s', async (_, misbehave) => {
    const gateway = await before(misbehave);
    expect(await gateway.ask({ method: 'POST', path: '/x', body: 'once' })).toMatchObject({ status: 502 });
    await expectUnharmed(gateway);
  });
});

describe('a response that breaks off cuts the connection of the client', () => {
  it.each<[what: string, head: string, part: string, leave: (connection: RawConnection) => void]>([
    ['shorter than its length', 'Content-Length: 10', 'half', (connection) => connection.end()],
    ['reset in the middle', 'Content-Length: 10', 'half', (connection) => connection.reset()],
    ['chunks that end early', 'Transfer-Encoding: chunked', '4\r\nhalf\r\n', (connection) => connection.end()],
    ['a chunk that ends early', 'Transfer-Encoding: chunked', '9\r\nhalf', (connection) => connection.end()],
    ['chunks that turn into noise', 'Transfer-Encoding: chunked', '4\r\nhalf\r\nnoise\r\n', () => {}],
  ])('%s', async (_, head, part, leave) => {
    const gateway = await before(async (connection) => {
      await says(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n${part}`)(connection);
      leave(connection);
    });
    const client = await connectRaw(gateway.port);
    await client.write('GET /x HTTP/1.1\r\nHost: a\r\n\r\n');
    const text = await client.all();
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(text).not.toMatch(/\r\n0\r\n\r\n$/);
    await expectUnharmed(gateway);
  });
});

describe('an upstream', () => {
  it('that sends more than its length is heard that far, and not believed for the next request', async () => {
    const gateway = await before(says(`${OK}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`));
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 200, body: 'ok' });
    await expectUnharmed(gateway);
  });

  it('that goes on talking after its response is not believed for the next request', async () => {
    const gateway = await before(async (connection) => {
      await says(OK)(connection);
      connection.forget();
      await connection.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil');
    });
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 200, body: 'ok' });
    await expectUnharmed(gateway);
  });

  it('that sends a body where there is none is not believed for the next request', async () => {
    const gateway = await before(
      says('HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil'),
    );
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 204, body: '' });
    await expectUnharmed(gateway);
  });

  it('that answers before it was asked has answered one request at most', async () => {
    const gateway = await before(async (connection) => {
      await connection.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhasty');
      await connection.receives(HEAD);
    });
    const { status, body } = await gateway.ask({ path: '/x' });
    expect([
      [502, expect.objectContaining({ code: 502 })],
      [200, 'hasty'],
      [200, 'ok'],
    ]).toContainEqual([status, body]);
    await expectUnharmed(gateway);
  });

  it('that answers before it has read the request is heard, whatever is left to send', async () => {
    const gateway = await before(async (connection) => {
      await connection.receives(HEAD);
      connection.socket.pause();
      connection.end('HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig');
    });
    const sent = open(gateway.port, { method: 'POST', path: '/x', headers: { 'content-length': '50000000' } });
    sent.write(Buffer.alloc(5_000_000));
    expect((await response(sent)).statusCode).toBe(413);
    sent.destroy();
    await expectUnharmed(gateway);
  });

  it('that resets in the middle of an upload is answered 502', async () => {
    const gateway = await before(async (connection) => {
      await connection.receives(/\.{1000}/);
      connection.reset();
    });
    const sent = open(gateway.port, { method: 'POST', path: '/x', headers: { 'content-length': '50000000' } });
    sent.write(Buffer.alloc(5_000_000, '.'));
    expect((await response(sent)).statusCode).toBe(502);
    sent.destroy();
    await expectUnharmed(gateway);
  });

  it('that gives hints before its response is heard to the end', async () => {
    const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n';
    const gateway = await before(says(`${hints}${OK}`));
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 200, body: 'ok' });
    await expectUnharmed(gateway);
  });

  it('whose reason is not ASCII is heard', async () => {
    const gateway = await before(says('HTTP/1.1 200 Tr\u00e8s bien\r\nContent-Length: 2\r\n\r\nok'));
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 200, body: 'ok' });
    await expectUnharmed(gateway);
  });

  it('that is slow to begin is waited for', async () => {
    let answer = (): void => {};
    const gateway = await before(async (connection) => {
      await connection.receives(HEAD);
      answer = () => void connection.write(OK);
    });
    const asked = gateway.ask({ path: '/x' });
    await expect.poll(() => gateway.snapshot().running).toBe(1);
    await gateway.ask({ path: '/other' });
    answer();
    expect(await asked).toMatchObject({ status: 200, body: 'ok' });
    await expectUnharmed(gateway);
  });

  it('that comes up is reached at once', async () => {
    const port = await freePort();
    const gateway = await startGateway({ proxies: [{ match: '/*path', upstream: `http://127.0.0.1:${port}` }] });
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 502 });
    await startRawUpstream(says(OK), port);
    expect(await gateway.ask({ path: '/x' })).toMatchObject({ status: 200, body: 'ok' });
  });
});
