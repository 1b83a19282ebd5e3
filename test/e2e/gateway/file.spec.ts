import { describe, expect, it } from 'vitest';
import { load } from './support/file.js';

const MINIMAL = 'proxies:\n  - { name: a, match: /a, upstream: "http://127.0.0.1:1" }\n';

describe('a file', () => {
  it('needs no more than one proxy', async () => {
    expect((await load(MINIMAL)).settings).toEqual({
      port: 9654,
      host: '127.0.0.1',
      gateway: { service: 'gateway', pools: {} },
      health: {},
      proxies: [{ name: 'a', match: '/a', upstream: 'http://127.0.0.1:1' }],
    });
  });

  it('can say everything', async () => {
    const text = `
port: 80
host: 0.0.0.0
service: edge
pools:
  books: { maxConcurrent: 2 }
  service.session:
poolDefaults: { timeoutMs: 500 }
shutdown: { graceMs: 5 }
health: { path: /status, details: true }
proxies:
  - name: books
    match: ^/books/(\\d+)$
    methods: [GET, PUT]
    upstream: http://127.0.0.1:1/v2
    allowedUpstreams: ["http://127.0.0.1:2"]
    rewrite: /book/$1
    group: books
    timeoutMs: 5
    connectTimeoutMs: 6
    preserveHost: true
    trustedProxies: [10.0.0.0/8, "::1"]
    retry: { attempts: 2 }
    breaker: false
`;
    const { settings, warnings } = await load(text);
    expect(warnings).toEqual([]);
    expect(settings).toEqual({
      port: 80,
      host: '0.0.0.0',
      gateway: {
        service: 'edge',
        pools: { books: { maxConcurrent: 2 }, 'service.session': {} },
        poolDefaults: { timeoutMs: 500 },
        shutdown: { graceMs: 5 },
      },
      health: { path: '/status', details: true },
      proxies: [
        {
          name: 'books',
          match: /^\/books\/(\d+)$/,
          methods: ['GET', 'PUT'],
          upstream: 'http://127.0.0.1:1/v2',
          allowedUpstreams: ['http://127.0.0.1:2'],
          rewrite: '/book/$1',
          group: 'books',
          timeoutMs: 5,
          connectTimeoutMs: 6,
          preserveHost: true,
          trustedProxies: ['10.0.0.0/8', '::1'],
          retry: { attempts: 2 },
          breaker: false,
        },
      ],
    });
  });

  it('can leave sections empty, and switch health off', async () => {
    const { settings } = await load(`port:\npools:\npoolDefaults:\nshutdown:\nhealth: false\n${MINIMAL}`);
    expect(settings).toMatchObject({ port: 9654, health: false, gateway: { pools: {} } });
  });

  it('can say once what many share', async () => {
    const { settings } = await load(`
proxies:
  - &usual { name: a, match: /a, upstream: "http://127.0.0.1:1", timeoutMs: 7 }
  - { <<: *usual, name: b, match: /b }
`);
    expect(settings.proxies[1]).toEqual({ name: 'b', match: '/b', upstream: 'http://127.0.0.1:1', timeoutMs: 7 });
  });

  it('may use an anchor some hundred times', async () => {
    const proxies = Array.from({ length: 300 }, (_, index) => `  - { <<: *all, name: p${index}, match: /p${index} }\n`);
    const { settings } = await load(
      `proxies:\n  - &all { name: a, match: /a, upstream: "http://a" }\n${proxies.join('')}`,
    );
    expect(settings.proxies).toHaveLength(301);
  });

  it('may begin with a byte order mark, and end its lines as Windows does', async () => {
    const { settings } = await load(`\uFEFF${MINIMAL.replaceAll('\n', '\r\n')}`);
    expect(settings.proxies).toHaveLength(1);
  });
});
