import { describe, expect, it } from 'vitest';
import { problemsIn, proxyWith } from './support/file.js';

describe('what is no YAML', () => {
  it.each([
    [
      'an open bracket',
      'a: [1,\n',
      '2:1 Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['a tab', 'proxies:\n\t- name: a\n', '2:1 Tabs are not allowed as indentation'],
    [
      'an indent that fits nowhere',
      'pools:\n    a: {}\n  b: {}\n',
      '3:1 All mapping items must start at the same column',
    ],
    ['a value in a value', 'port: host: 1\n', '1:7 Nested mappings are not allowed in compact mappings'],
    ['a bad escape', 'host: "\\q"\n', '1:8 Invalid escape sequence \\q'],
    ['a key twice', 'port: 1\nhost: a\nport: 2\n', '3:1 Map keys must be unique'],
    ['a key twice, deep inside', proxyWith('timeoutMs: 1', 'timeoutMs: 2'), '6:5 Map keys must be unique'],
    ['two documents', `port: 1\n---\nport: 2\n`, '2:1 a second document begins here; one file is one gateway'],
    ['an anchor that is nowhere', `port: *here\n`, '1:7 *here refers to an anchor that is not above it'],
    ['an anchor that comes later', 'host: *a\nservice: &a b\n', '1:7 *a refers to an anchor that is not above it'],
    ['a tag that means nothing', 'host: !env HOST\n', '1:7 Unresolved tag: !env'],
    ['a merge of something else', 'a: &a 3\nproxies:\n  - <<: *a\n', '1:1 Merge sources must be maps or map aliases'],
  ])('%s', async (_, text, expected) => {
    const problems = await problemsIn(text);
    expect(problems[0]).toContain(expected);
  });

  it('a mistake that drags others behind it', async () => {
    expect(await problemsIn('proxies:\n  - { name: a, match: ^/[a-z]+$, upstream: "http://a" }\n')).toEqual([
      '2:25 Unexpected flow-seq-start at node end',
    ]);
  });

  it('an alias bomb', async () => {
    const nested = Array.from(
      { length: 8 },
      (_, index) => `a${index + 1}: &a${index + 1} [${`*a${index},`.repeat(9)}]\n`,
    );
    const bomb = `a0: &a0 [${'x,'.repeat(9)}]\n${nested.join('')}`;
    expect(await problemsIn(bomb)).toEqual(['1:1 Excessive alias count indicates a resource exhaustion attack']);
  });

  it('a merge of itself', async () => {
    expect(await problemsIn('a: &a\n  <<: *a\n')).toEqual([
      '1:1 Excessive alias count indicates a resource exhaustion attack',
    ]);
  });

  it('something that is not even text', async () => {
    const [problem] = await problemsIn(new Uint8Array([0x70, 0xff, 0xfe, 0x00]));
    expect(problem).toBe(' is not UTF-8 text');
  });
});

describe('a file that is something else', () => {
  it.each([
    ['nothing', '', 'nothing'],
    ['a comment', '# proxies:\n', 'nothing'],
    ['a list', '- name: a\n', 'a list'],
    ['a word', 'proxies\n', '"proxies"'],
  ])('%s', async (_, text, got) => {
    expect(await problemsIn(text)).toEqual([
      `1:1 must be keys and values, such as "port: 9654" and "proxies:", got ${got}`,
    ]);
  });
});
