import { describe, expect, it } from 'vitest';
import { groupsOf, regexFromPython, replacementFromPython } from '../../../apps/gateway/src/file/python-regex.js';

/** As the old gateway did: the expression had to match the whole path, and then replaced it. */
function rewritten(regex: string, template: string, path: string): string | undefined {
  const match = regexFromPython(regex);
  return match.test(path) ? path.replace(match, replacementFromPython(template).replacement) : undefined;
}

describe("a Python expression, with what takes its path's place", () => {
  it.each([
    ['/api/v1/(.*)', '/\\1', '/api/v1/users/7', '/users/7'],
    ['/api/v1/(.*)', '/\\1', '/other/api/v1/users', undefined],
    ['/api/v1', '/', '/api/v1/users', undefined],
    ['/api/v1$', '/', '/api/v1', '/'],
    ['/(?P<name>\\w+)/x', '/\\g<name>', '/ada/x', '/ada'],
    ['/(?P<a>\\w)(?P=a)', '/\\g<a>', '/xx', '/x'],
    ['/(?P<a>\\w)(?P=a)', '/\\g<a>', '/xy', undefined],
    ['/(a)(b)', '/\\2\\1', '/ab', '/ba'],
    ['/(a)(b)', '/\\g<2>\\g<1>', '/ab', '/ba'],
    ['/(a)', '/\\g<0>', '/a', '//a'],
    ['/(a)', '/\\g<1>0', '/a', '/a0'],
    ['/(a)', '/\\1-0', '/a', '/a-0'],
    ['/(a)', '/$1', '/a', '/$1'],
    ['/(a)', '/$&-$$-$<x>', '/a', '/$&-$$-$<x>'],
    ['/(a)', '/\\\\1', '/a', '/\\1'],
    ['/(a)?b', '/[\\1]', '/b', '/[]'],
    ['/[]x]', '/', '/]', '/'],
    ['/[^]x]', '/', '/]', undefined],
    ['/[^]x]', '/', '/y', '/'],
    ['/[(?P<]+', '/', '/(P<', '/'],
    ['/a{,2}', '/', '/aa', '/'],
    ['/a{,2}', '/', '/aaa', undefined],
    ['/a(?#not b)', '/', '/a', '/'],
    ['\\A/a\\Z', '/', '/a', '/'],
    ['(?i)/API/(.*)', '/\\1', '/api/X', '/X'],
    ['(?iu)/API', '/', '/api', '/'],
    ['/\\(a\\)', '/', '/(a)', '/'],
    ['/a|/b', '/x', '/b', '/x'],
    // Python binds the end to the last alternative: the first matches whatever begins with it.
    ['/a|/b', '/x', '/a/more', '/x/more'],
    ['/a|/b', '/x', '/b/more', undefined],
  ])('%s and %s make of %s: %s', (regex, template, path, expected) => {
    expect(rewritten(regex, template, path)).toBe(expected);
  });

  it.each([
    ['/(a', 'Unterminated group'],
    ['/(?P<a>x)(?P<a>y)', 'Duplicate capture group name'],
    ['/*+', 'Nothing to repeat'],
    ['(?x) /a', 'Invalid group'],
  ])('%s is refused: %s', (regex, reason) => {
    expect(() => regexFromPython(regex)).toThrow(reason);
  });

  it('has groups by number and by name', () => {
    expect(groupsOf(regexFromPython('/(?P<a>x)(y)'))).toEqual(['0', '1', '2', 'a']);
    expect(replacementFromPython('/\\g<b>\\3').groups).toEqual(['b', '3']);
  });
});
