import { lookup } from 'node:dns/promises';
import { EventEmitter, once } from 'node:events';
import { request, type ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { freePort, startUpstream } from '../../support/port.js';
import { sallyport, startGateway } from './support/command.js';
import { writeFile } from './support/file.js';

const NO_SUCH_PATH = '{"code":404,"message":"no such path.","errors":[]}';
const proxy = (upstream: string, rest = 'match: /a'): string =>
  `proxies:\n  - { name: a, upstream: "${upstream}", ${rest} }\n`;

/** With a client that sends the path and the method as they are. */
async function send(
  origin: string,
  method: string,
  path: string,
  headers = {},
  body = '',
): Promise<{ status?: number; type?: string; text: string }> {
  const sent = request(origin, { method, path, headers, agent: false }).end(body);
  const [response] = await once(sent, 'response');
  const chunks = await response.toArray();
  return { status: response.statusCode, type: response.headers['content-type'], text: chunks.join('') };
}

describe('the gateway', () => {
  it('says in its first line where it is, and with which file', async () => {
    const { origin, output } = await startGateway(proxy('http://127.0.0.1:1'));
    expect(output()).toMatch(/^sallyport \d+\.\d+\.\d+: http:\/\/127\.0\.0\.1:\d+, 1 proxy \(.*sallyport\.yml\)\n$/);
    expect((await fetch(`${origin}/health`)).status).toBe(200);
  });

  it('answers what nothing matches with 404, whatever the method and the body', async () => {
    const { origin } = await startGateway(proxy('http://127.0.0.1:1'));
    const requests: [method: string, path: string, headers?: object, body?: string][] = [
      ['GET', '/nowhere'],
      ['GET', '/a/b'],
      ['GET', '/%zz'],
      ['DELETE', '/nowhere'],
      ['OPTIONS', '/nowhere'],
      ['PROPFIND', '/nowhere'],
      ['POST', '/nowhere', { 'content-type': 'application/json' }, '{'],
      ['POST', '/nowhere', { 'content-type': 'text/xml' }, '<a/>'],
      ['POST', '/health'],
    ];
    for (const [method, path, headers, body] of requests) {
      const answer = await send(origin, method, path, headers, body);
      expect(answer, `${method} ${path}`).toEqual({
        status: 404,
        type: 'application/json; charset=utf-8',
        text: NO_SUCH_PATH,
      });
    }
  });

  it('answers HEAD, which nothing matches, with the head of that', async () => {
    const { origin } = await startGateway(proxy('http://127.0.0.1:1'));
    const { status, text } = await send(origin, 'HEAD', '/nowhere');
    expect({ status, text }).toEqual({ status: 404, text: '' });
  });

  it.each([
    ['', ['/health', '/health/live', '/health/ready', '/health/startup'], ['/status']],
    ['health: { path: /status }\n', ['/status', '/status/live'], ['/health']],
    ['health: false\n', [], ['/health', '/health/live']],
  ])('with %j has its probes at %j, and nothing at %j', async (lines, there, nothing) => {
    const { origin } = await startGateway(lines + proxy('http://127.0.0.1:1'));
    for (const path of there) expect((await fetch(origin + path)).status, path).toBe(200);
    for (const path of nothing) expect((await fetch(origin + path)).status, path).toBe(404);
  });

  it('tells no details of its health unless it is asked to', async () => {
    const { origin } = await startGateway(proxy('http://127.0.0.1:1'));
    expect(await (await fetch(`${origin}/health`)).json()).toEqual({ status: 'ok' });
    const open = await startGateway(`health: { details: true }\n${proxy('http://127.0.0.1:1')}`);
    expect(await (await fetch(`${open.origin}/health`)).json()).toHaveProperty('details.pools');
  });

  it('is on every address of its host', async () => {
    const upstream = await startUpstream((_, response) => response.end('here'));
    const { origin } = await startGateway(`host: localhost\n${proxy(upstream)}`);
    for (const { address, family } of await lookup('localhost', { all: true })) {
      const here = origin.replace('localhost', family === 6 ? `[${address}]` : address);
      expect(await (await fetch(`${here}/a`)).text(), here).toBe('here');
      expect(await (await fetch(`${here}/nowhere`)).text(), here).toBe(NO_SUCH_PATH);
    }
  });

  it('goes when it is told to', async () => {
    const { origin, process, exited } = await startGateway(proxy('http://127.0.0.1:1'));
    process.kill('SIGTERM');
    expect(await exited).toEqual({ code: 0, signal: null });
    await expect(fetch(origin)).rejects.toThrow('fetch failed');
  });
});

describe('what a file says', () => {
  it('is which path goes where', async () => {
    const upstream = await startUpstream(({ url }, response) => response.end(url));
    const { origin } = await startGateway(`proxies:
  - { name: pattern, match: /api/*rest, rewrite: /v1/$1, upstream: "${upstream}" }
  - { name: as it came, match: /plain/*rest, upstream: "${upstream}/base" }
  - { name: regex, match: '^/(\\d+)/(\\w+)$', rewrite: /$2/$1, upstream: "${upstream}" }
  - { name: old, request_path_regex: '/old/(?P<page>.*)', request_path_sub: '/new/\\g<page>', upstream_url: "${upstream}" }
  - { name: dollar, request_path_regex: '/dollar/(.*)', request_path_sub: '/$1/\\1', upstream_url: "${upstream}" }
  - { name: middle, request_path_regex: 'middle/.*', upstream_url: "${upstream}" }
`);
    const expected = {
      '/api/books/1?q=a%20b': '/v1/books/1?q=a%20b',
      '/plain/books': '/base/plain/books',
      '/7/books': '/books/7',
      '/7/books/8': NO_SUCH_PATH,
      '/old/a/b': '/new/a/b',
      '/very/old/a': NO_SUCH_PATH,
      '/dollar/a': '/$1/a',
      '/middle/a': NO_SUCH_PATH,
    };
    for (const [path, answer] of Object.entries(expected)) {
      expect((await send(origin, 'GET', path)).text, path).toBe(answer);
    }
  });

  it('goes to the first proxy that matches', async () => {
    const [one, two] = [
      await startUpstream((_, response) => response.end('one')),
      await startUpstream((_, response) => response.end('two')),
    ];
    const { origin } = await startGateway(`proxies:
  - { name: one, match: /a/*rest, methods: [GET], upstream: "${one}" }
  - { name: two, match: ^/, upstream: "${two}" }
`);
    expect(await (await fetch(`${origin}/a/b`)).text()).toBe('one');
    expect(await (await fetch(`${origin}/a/b`, { method: 'POST' })).text()).toBe('two');
    expect(await (await fetch(`${origin}/b`)).text()).toBe('two');
  });

  it('is as many requests at once as pool_max_size, and no more', async () => {
    const waiting: ServerResponse[] = [];
    const arrivals = new EventEmitter();
    const upstream = await startUpstream((_, response) => arrivals.emit('arrival', waiting.push(response)));
    const { origin } = await startGateway(proxy(upstream, 'match: /a, pool_max_size: 2'));
    const running = [];
    for (let index = 0; index < 2; index++) {
      const arrival = once(arrivals, 'arrival');
      running.push(fetch(`${origin}/a`));
      await arrival;
    }
    const refused = await fetch(`${origin}/a`);
    expect(refused.status).toBe(503);
    expect(await refused.json()).toEqual({
      code: 503,
      message: 'gateway reject due to too many connections.',
      errors: [],
    });
    for (const response of waiting) response.end();
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200]);
  });

  it('is a time limit in seconds', async () => {
    const upstream = await startUpstream(() => {});
    const { origin } = await startGateway(proxy(upstream, 'match: /a, request_timeout_seconds: 0.05'));
    const response = await fetch(`${origin}/a`);
    expect([response.status, await response.json()]).toEqual([
      504,
      { code: 504, message: 'gateway reject due to timeout.', errors: [] },
    ]);
  });
});

describe('a gateway that cannot listen', () => {
  it.each([
    ['no such host', 'host: no.such.host.invalid', 'there is no such host'],
    ['an address of somebody else', 'host: 192.0.2.1', 'this machine does not have that address'],
  ])('says so: %s', async (_, line, reason) => {
    const { code, stdout, stderr } = await sallyport([
      '--config',
      writeFile(`${line}\nport: 0\n${proxy('http://127.0.0.1:1')}`),
    ]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe(`cannot listen on port 0 of ${line.slice('host: '.length)}: ${reason}\n`);
  });

  it('says so: the port is in use', async () => {
    const port = await freePort();
    const text = `port: ${port}\n${proxy('http://127.0.0.1:1')}`;
    await startGateway(text);
    expect(await sallyport(['--config', writeFile(text)])).toEqual({
      code: 1,
      stdout: '',
      stderr: `cannot listen on port ${port} of 127.0.0.1: it is in use\n`,
    });
  });
});
