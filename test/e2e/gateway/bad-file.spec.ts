import { describe, expect, it } from 'vitest';
import { problemsIn, proxyWith } from './support/file.js';

describe('the top level', () => {
  it.each([
    ['no proxies', 'port: 1\n', '1:1 proxies: is required: a list of what goes where'],
    ['proxies with nothing in it', 'port: 1\nproxies:\n', '2:9 proxies: is required: a list of what goes where'],
    ['an empty list of proxies', 'proxies: []\n', '1:10 proxies: must be a list with something in it, got a list'],
    [
      'proxies by name',
      'proxies:\n  books:\n    match: /\n',
      '2:3 proxies: must be a list with something in it, got keys and values',
    ],
    [
      'a port that is none',
      `port: 65536\n${proxyWith()}`,
      '1:7 port: must be a whole number from 0 to 65535, got 65536',
    ],
    ['a port in words', `port: http\n${proxyWith()}`, '1:7 port: must be a whole number from 0 to 65535, got "http"'],
    ['a host that is none', `host: 5\n${proxyWith()}`, '1:7 host: must be an address or a host name, got 5'],
    [
      'a service that is none',
      `service: 7up\n${proxyWith()}`,
      '1:10 service: must be a letter, then letters, digits, "_" or "-", got "7up"',
    ],
    ['an unknown key', `prot: 1\n${proxyWith()}`, '1:1 prot: is not an option; did you mean port?'],
    [
      'a key of nothing known',
      `tls: {}\n${proxyWith()}`,
      '1:1 tls: is not an option (there are: port, host, service, pools, poolDefaults, shutdown, health, proxies)',
    ],
    [
      'a key in the old style',
      `pool_defaults: {}\n${proxyWith()}`,
      '1:1 pool_defaults: is not an option; did you mean poolDefaults?',
    ],
    [
      'health that is neither',
      `health: yes\n${proxyWith()}`,
      '1:9 health: must be false, or have path and details, got "yes"',
    ],
    [
      'a path of health that is none',
      `health:\n  path: /a b\n${proxyWith()}`,
      `2:9 health.path: must be a path like '/health', got "/a b"`,
    ],
    ['an unknown key of health', `health:\n  detail: true\n${proxyWith()}`, '2:3 health.detail: is not an option'],
    [
      'a grace in words',
      `shutdown: { graceMs: 10s }\n${proxyWith()}`,
      '1:22 shutdown.graceMs: must be a number of at least 0, got "10s"',
    ],
    [
      'an unknown key of shutdown',
      `shutdown: { grace: 1 }\n${proxyWith()}`,
      '1:13 shutdown.grace: is not an option; did you mean graceMs?',
    ],
  ])('%s', async (_, text, expected) => {
    const problems = await problemsIn(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(expected);
  });
});

describe('the pools', () => {
  it.each([
    ['no pools', 'pools: 3', '1:8 pools: must be an object'],
    ['a pool that is a number', 'pools:\n  a: 3', '2:6 pools.a: must be an object, got 3'],
    [
      'no slots',
      'pools:\n  a: { maxConcurrent: 0 }',
      '2:23 pools.a.maxConcurrent: must be a whole number of at least 1, got 0',
    ],
    [
      'a name with dots',
      'pools:\n  service: {}\n  service.a:\n    maxQueue: -1',
      '4:15 pools.service.a.maxQueue: must be a whole number of at least 0, got -1',
    ],
    [
      'a time in words',
      'pools:\n  a:\n    timeoutMs: 5s',
      '3:16 pools.a.timeoutMs: must be false or a number above 0, got "5s"',
    ],
    [
      'an unknown key',
      'pools:\n  a:\n    maxconcurrent: 5',
      '3:5 pools.a.maxconcurrent: is not an option; did you mean maxConcurrent?',
    ],
    ['a breaker that is on', 'pools:\n  a:\n    breaker: true', '3:14 pools.a.breaker: must be false or an object'],
    [
      'a bad breaker',
      'pools:\n  a:\n    breaker:\n      failureRatio: 50',
      '4:21 pools.a.breaker.failureRatio: must be a ratio above 0 and at most 1, got 50',
    ],
    [
      'an unknown key of a breaker',
      'pools:\n  a:\n    breaker: { openForms: 1 }',
      '3:16 pools.a.breaker.openForms: is not an option; did you mean openForMs?',
    ],
    [
      'a bad budget',
      'pools:\n  a: { retryBudget: { ratio: -1 } }',
      '2:30 pools.a.retryBudget.ratio: must be a number of at least 0, got -1',
    ],
    [
      'bad defaults',
      'poolDefaults:\n  maxQueue: many',
      '2:13 poolDefaults.maxQueue: must be a whole number of at least 0, got "many"',
    ],
    ['defaults that are a list', 'poolDefaults: []', '1:15 poolDefaults: must be an object'],
  ])('%s', async (_, text, expected) => {
    expect(await problemsIn(`${text}\n${proxyWith()}`)).toEqual([expected]);
  });

  it('a mistake that many share is told where it is', async () => {
    const text = `poolDefaults: &all\n  maxQueue: -1\npools:\n  a:\n    <<: *all\n${proxyWith()}`;
    expect(await problemsIn(text)).toEqual([
      '2:13 pools.a.maxQueue: must be a whole number of at least 0, got -1',
      '2:13 poolDefaults.maxQueue: must be a whole number of at least 0, got -1',
    ]);
  });
});

it('tells everything at once, in the order of the file', async () => {
  const text = `port: -1
pools:
  books: { maxQueue: -1 }
health: { path: 3 }
proxies:
  - name: books
    match: ^/(
    upstream: books
    timeoutMs: soon
  - upstream_url: http://a
    request_path_regex: /(
    colour: blue
shutdown: { graceMs: x }
`;
  const problems = await problemsIn(text);
  expect(problems.map((line) => line.slice(0, line.indexOf(': ')))).toEqual([
    '1:7 port',
    '3:22 pools.books.maxQueue',
    '4:17 health.path',
    '7:12 proxies[0].match',
    '8:15 proxies[0].upstream',
    '9:16 proxies[0].timeoutMs',
    '10:5 proxies[1].name',
    '11:25 proxies[1].request_path_regex',
    '12:5 proxies[1].colour',
    '13:22 shutdown.graceMs',
  ]);
});
