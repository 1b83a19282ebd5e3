import { describe, expect, it } from 'vitest';
import { PROXY, problemsIn, proxyWith } from './support/file.js';

describe('a proxy', () => {
  const REQUIRED = 'is required: ';
  it.each([
    ['that is a word', 'proxies:\n  - books\n', '2:5 proxies[0]: must be an object, got "books"'],
    ['that is nothing', 'proxies:\n  -\n', '2:4 proxies[0]: must be an object, got null'],
    [
      'without a name',
      'proxies:\n  - match: /\n    upstream: http://a\n',
      `2:5 proxies[0].name: ${REQUIRED}what messages call it`,
    ],
    [
      'without a match',
      'proxies:\n  - name: a\n    upstream: http://a\n',
      `2:5 proxies[0].match: ${REQUIRED}a path pattern, or a regular expression that begins with ^`,
    ],
    [
      'without an upstream',
      'proxies:\n  - name: a\n    match: /\n',
      `2:5 proxies[0].upstream: ${REQUIRED}where it goes`,
    ],
    [
      'with a number as its name',
      'proxies:\n  - { name: 7, match: /, upstream: http://a }\n',
      '2:13 proxies[0].name: must be a string that is not empty, got 7',
    ],
    [
      'with a relative pattern',
      'proxies:\n  - { name: a, match: books, upstream: http://a }\n',
      '2:23 proxies[0].match: must be a path that starts with "/"',
    ],
    ['with a bad pattern', 'proxies:\n  - { name: a, match: /*, upstream: http://a }\n', '2:23 proxies[0].match: '],
    [
      'with a bad expression',
      'proxies:\n  - { name: a, match: ^/(b, upstream: http://a }\n',
      '2:23 proxies[0].match: Invalid regular expression',
    ],
    [
      'with a number to match',
      'proxies:\n  - { name: a, match: 3, upstream: http://a }\n',
      '2:23 proxies[0].match: must be a path',
    ],
    [
      'with an upstream without a scheme',
      'proxies:\n  - { name: a, match: /, upstream: intra.service.com }\n',
      '2:36 proxies[0].upstream: must be an http or https URL',
    ],
    [
      'with an upstream of another scheme',
      'proxies:\n  - { name: a, match: /, upstream: ftp://a }\n',
      '2:36 proxies[0].upstream: must be an http or https URL',
    ],
    ['with one method', proxyWith('methods: GET'), '5:14 proxies[0].methods: must be '],
    ['with a method that is none', proxyWith('methods: [GET, "B C"]'), '5:14 proxies[0].methods: must be '],
    ['with an origin that is none', proxyWith('allowedUpstreams: [b]'), '5:23 proxies[0].allowedUpstreams: must be '],
    ['with a number as its rewrite', proxyWith('rewrite: 1'), '5:14 proxies[0].rewrite: must be a string, got 1'],
    [
      'with an empty group',
      proxyWith('group: ""'),
      '5:12 proxies[0].group: must be a string that is not empty, got ""',
    ],
    [
      'with a time in words',
      proxyWith('timeoutMs: 5s'),
      '5:16 proxies[0].timeoutMs: must be false or a number above 0, got "5s"',
    ],
    ['with no time', proxyWith('timeoutMs:'), '5:15 proxies[0].timeoutMs: must be false or a number above 0, got null'],
    [
      'with no time to connect',
      proxyWith('connectTimeoutMs: 0'),
      '5:23 proxies[0].connectTimeoutMs: must be a number above 0, got 0',
    ],
    [
      'with a word for a switch',
      proxyWith('preserveHost: on'),
      '5:19 proxies[0].preserveHost: must be true or false, got "on"',
    ],
    ['with a name to trust', proxyWith('trustedProxies: [localhost]'), '5:21 proxies[0].trustedProxies: must be '],
    [
      'with a bad retry',
      proxyWith('retry: { attempts: 0 }'),
      '5:24 proxies[0].retry.attempts: must be a whole number of at least 1, got 0',
    ],
    [
      'with a retry of nothing',
      proxyWith('retry: { backoffMs: 5 }'),
      '5:12 proxies[0].retry.attempts: is required: how often to try in all',
    ],
    [
      'with a bad breaker',
      proxyWith('breaker:', '  minimumCalls: 0'),
      '6:21 proxies[0].breaker.minimumCalls: must be a whole number of at least 1, got 0',
    ],
    [
      'with an unknown key',
      proxyWith('timeoutMS: 5'),
      '5:5 proxies[0].timeoutMS: is not an option; did you mean timeoutMs?',
    ],
    [
      'with a key in the old style',
      proxyWith('timeout_ms: 5'),
      '5:5 proxies[0].timeout_ms: is not an option; did you mean timeoutMs?',
    ],
    [
      'with an old key misspelt',
      proxyWith('request_path_subs: 5'),
      '5:5 proxies[0].request_path_subs: is not an option; did you mean request_path_sub?',
    ],
    [
      'with what only code can give',
      proxyWith('isFailure: always'),
      '5:5 proxies[0].isFailure: is not an option (there are: name, match, ',
    ],
  ])('%s', async (_, text, expected) => {
    const problems = await problemsIn(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(expected);
  });

  it('with a name that another one has', async () => {
    expect(await problemsIn(`proxies:${PROXY}${PROXY}`)).toEqual([
      '6:11 proxies[1].name: is the name of proxies[0] already',
    ]);
  });
});
