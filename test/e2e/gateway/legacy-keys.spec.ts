import { describe, expect, it } from 'vitest';
import { load, problemsIn } from './support/file.js';

const proxy = (...lines: string[]): string =>
  `proxies:\n  - name: books\n${lines.map((line) => `    ${line}\n`).join('')}`;
const REGEX = 'request_path_regex: /api/(?P<path>.*)';
const SUB = 'request_path_sub: /v1/\\g<path>';
const UPSTREAM = 'upstream_url: http://127.0.0.1:1';
const rest = ['match: /a', 'upstream: http://127.0.0.1:1'];

describe('a file with the old keys', () => {
  it('means what it meant', async () => {
    const old = ['connect_timeout_seconds: 0.5', 'request_timeout_seconds: 20', 'pool_max_size: 300'];
    const { settings, warnings } = await load(`port: 9000\n${proxy(REGEX, SUB, UPSTREAM, ...old)}`);
    expect(warnings).toEqual([]);
    expect(settings).toMatchObject({ port: 9000, gateway: { pools: { books: { maxConcurrent: 300, maxQueue: 0 } } } });
    expect(settings.proxies).toEqual([
      {
        name: 'books',
        match: /^(?:\/api\/(?<path>.*)$)/,
        rewrite: '/v1/$<path>',
        upstream: 'http://127.0.0.1:1',
        connectTimeoutMs: 500,
        timeoutMs: 20_000,
        group: 'books',
      },
    ]);
  });

  it.each([
    [
      'request_path_regex',
      [REGEX, 'rewrite: /v1/$1', 'upstream: http://127.0.0.1:1'],
      { match: /^(?:\/api\/(?<path>.*)$)/, rewrite: '/v1/$1' },
    ],
    [
      'request_path_sub',
      ['match: /api/*path', 'request_path_sub: /v1/\\1', 'upstream: http://a'],
      { match: '/api/*path', rewrite: '/v1/$1' },
    ],
    ['upstream_url', ['match: /api/*path', UPSTREAM], { match: '/api/*path', upstream: 'http://127.0.0.1:1' }],
    ['connect_timeout_seconds', [...rest, 'connect_timeout_seconds: 2'], { connectTimeoutMs: 2000 }],
    ['request_timeout_seconds', [...rest, 'request_timeout_seconds: 0.25'], { timeoutMs: 250 }],
    ['timeout_seconds', [...rest, 'timeout_seconds: 3'], { timeoutMs: 3000 }],
    ['pool_max_size', [...rest, 'pool_max_size: 4'], { group: 'books' }],
  ])('can have %s among new ones', async (_, lines, expected) => {
    const { settings } = await load(proxy(...lines));
    expect(settings.proxies[0]).toMatchObject(expected);
  });

  it('may name a Sentry server, which does nothing', async () => {
    const file = await load(`sentry:\n  dsn: http://a\n${proxy(REGEX, SUB, UPSTREAM)}`);
    expect(file.warnings).toEqual([`${file.path}:1:1 sentry: does nothing here; errors are in the log`]);
  });

  it('keeps the pools that it has besides', async () => {
    const { settings } = await load(`pools: { other: { maxQueue: 1 } }\n${proxy(...rest, 'pool_max_size: 4')}`);
    expect(settings.gateway.pools).toEqual({ other: { maxQueue: 1 }, books: { maxConcurrent: 4, maxQueue: 0 } });
  });
});

describe('an old key', () => {
  it.each([
    [
      'a bad expression',
      proxy('request_path_regex: /(', SUB, UPSTREAM),
      '3:25 proxies[0].request_path_regex: Invalid regular expression',
    ],
    [
      'an expression that only Python has',
      proxy('request_path_regex: (?x) /a', SUB, UPSTREAM),
      '3:25 proxies[0].request_path_regex: Invalid regular expression',
    ],
    [
      'a number as expression',
      proxy('request_path_regex: 1', SUB, UPSTREAM),
      '3:25 proxies[0].request_path_regex: must be text, got 1',
    ],
    [
      'a group that the expression does not have',
      proxy(REGEX, 'request_path_sub: /\\2', UPSTREAM),
      '4:23 proxies[0].request_path_sub: refers to the group 2, which request_path_regex does not have',
    ],
    [
      'a name that the expression does not have',
      proxy(REGEX, 'request_path_sub: /\\g<page>', UPSTREAM),
      '4:23 proxies[0].request_path_sub: refers to the group page, which request_path_regex does not have',
    ],
    [
      'a list as replacement',
      proxy(REGEX, 'request_path_sub: []', UPSTREAM),
      '4:23 proxies[0].request_path_sub: must be text, got a list',
    ],
    [
      'an upstream that is none',
      proxy(REGEX, SUB, 'upstream_url: books'),
      '5:19 proxies[0].upstream_url: must be an http or https URL without query, got "books"',
    ],
    [
      'seconds in words',
      proxy(...rest, 'connect_timeout_seconds: 5s'),
      '5:30 proxies[0].connect_timeout_seconds: must be a number of seconds above 0, got "5s"',
    ],
    [
      'no seconds',
      proxy(...rest, 'request_timeout_seconds: 0'),
      '5:30 proxies[0].request_timeout_seconds: must be a number of seconds above 0, got 0',
    ],
    [
      'negative seconds',
      proxy(...rest, 'timeout_seconds: -1'),
      '5:22 proxies[0].timeout_seconds: must be a number of seconds above 0, got -1',
    ],
    [
      'half a slot',
      proxy(...rest, 'pool_max_size: 0.5'),
      '5:20 proxies[0].pool_max_size: must be a whole number of at least 1, got 0.5',
    ],
    [
      'a pool that pools has',
      `${proxy(...rest, 'pool_max_size: 5')}pools: { books: {} }\n`,
      '5:20 proxies[0].pool_max_size: makes a pool of the name "books", which pools has too; take one of them out',
    ],
    [
      'an expression beside match',
      proxy(...rest, REGEX),
      '5:5 proxies[0].request_path_regex: says the same as match; take one of them out',
    ],
    [
      'a replacement beside rewrite',
      proxy(...rest, 'rewrite: /', SUB),
      '6:5 proxies[0].request_path_sub: says the same as rewrite; take one of them out',
    ],
    [
      'an upstream_url beside upstream',
      proxy(...rest, UPSTREAM),
      '5:5 proxies[0].upstream_url: says the same as upstream; take one of them out',
    ],
    [
      'seconds to connect beside milliseconds',
      proxy(...rest, 'connectTimeoutMs: 1', 'connect_timeout_seconds: 1'),
      '6:5 proxies[0].connect_timeout_seconds: says the same as connectTimeoutMs; take one of them out',
    ],
    [
      'seconds beside milliseconds',
      proxy(...rest, 'timeoutMs: 1', 'request_timeout_seconds: 1'),
      '6:5 proxies[0].request_timeout_seconds: says the same as timeoutMs; take one of them out',
    ],
    [
      'seconds beside seconds',
      proxy(...rest, 'request_timeout_seconds: 1', 'timeout_seconds: 1'),
      '6:5 proxies[0].timeout_seconds: says the same as request_timeout_seconds; take one of them out',
    ],
    [
      'a pool beside a group',
      proxy(...rest, 'group: a', 'pool_max_size: 1'),
      '6:5 proxies[0].pool_max_size: says the same as group; take one of them out',
    ],
  ])('%s', async (_, text, expected) => {
    const problems = await problemsIn(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(expected);
  });
});
