import { describe, expect, it } from 'vitest';
import { ConfigurationError } from './errors.js';
import {
  atLeast,
  boolean,
  callable,
  failOn,
  falseOr,
  integer,
  name,
  oneOf,
  positive,
  problemsOf,
  ratio,
  type Check,
  type Shape,
} from './options.js';

class Point {
  readonly x = 1;
}

type Row = [what: string, check: Check, fine: unknown[], wrong: unknown[], sentence: RegExp];

const ROWS: Row[] = [
  ['integer', integer(1), [1, 2 ** 53 - 1], [0, -1, 1.5, NaN, Infinity, 2 ** 53, '1', 1n, null], /whole number of at/],
  ['positive', positive, [0.1, 1e9], [0, -1, NaN, Infinity, '1', null, []], /a number above 0/],
  ['atLeast', atLeast(10), [10, 10.5], [9.9, NaN, Infinity, '10', {}], /a number of at least 10/],
  ['ratio', ratio, [0.01, 1], [0, 1.01, -0.5, NaN, '0.5', true], /a ratio above 0 and at most 1/],
  ['boolean', boolean, [true, false], [0, 'true', null, {}], /true or false/],
  ['callable', callable, [() => 1, Point], ['run', null, {}], /a function/],
  ['name', name, ['a', ' a '], ['', '  ', 1, null, Symbol('a')], /a string that is not empty/],
  ['oneOf', oneOf('auto', 'off'), ['auto', 'off'], ['on', '', undefined], /one of "auto", "off"/],
  ['falseOr', falseOr(positive), [false, 5], [true, 0, 'no', null], /false or a number above 0/],
];

describe.each(ROWS)('%s', (_, check, fine, wrong, sentence) => {
  it.each(fine.map((value) => [value]))('has nothing against %o', (value) => {
    expect(check(value)).toBeUndefined();
  });

  it.each(wrong.map((value) => [value]))('says in words why not %o', (value) => {
    expect(check(value)).toMatch(sentence);
    expect(check(value)).toMatch(/^must be .*, got /);
  });
});

describe('what a message shows of the value', () => {
  it.each([
    ['a short string', 'quoted', '"quoted"'],
    ['a long string', 'x'.repeat(61), `"${'x'.repeat(60)}…"`],
    ['a function', () => 1, 'function (anonymous)'],
    ['a class', Point, 'function Point'],
    ['an array', [1], 'an array'],
    ['an object', { password: 'SECRET' }, 'an object'],
    ['a symbol', Symbol('a'), 'Symbol(a)'],
    ['null', null, 'null'],
  ])('is for %s no more than needed', (_, value, shown) => {
    expect(positive(value)).toBe(`must be a number above 0, got ${shown}`);
  });
});

describe('problemsOf', () => {
  const shape: Shape = {
    maxConcurrent: integer(1),
    timeoutMs: positive,
    breaker: { windowMs: positive, openForMs: positive },
  };
  const found = (value: unknown, path = 'pools.a') =>
    problemsOf(value, shape, path).map(({ path: at, message }) => `${at}: ${message}`);

  it('finds nothing in an empty object, and nothing in keys that are undefined', () => {
    expect(found({})).toEqual([]);
    expect(found({ timeoutMs: undefined, breaker: undefined })).toEqual([]);
  });

  it('finds every problem, each with its own path, nested ones too', () => {
    expect(found({ maxConcurrent: 0, timeoutMs: 'soon', breaker: { windowMs: -1, openForMs: 5 } })).toEqual([
      'pools.a.maxConcurrent: must be a whole number of at least 1, got 0',
      'pools.a.timeoutMs: must be a number above 0, got "soon"',
      'pools.a.breaker.windowMs: must be a number above 0, got -1',
    ]);
  });

  it.each([null, 7, 'text', () => 1])('says of %o that it is no object', (value) => {
    expect(found(value)).toEqual([expect.stringContaining('pools.a: must be an object, got ')]);
  });

  it('says of an array that it is no object', () => {
    expect(found([1])).toEqual(['pools.a: must be an object, got an array']);
  });

  it('begins paths with the key where there is nothing above', () => {
    expect(found({ timeoutMs: 0 }, '')).toEqual(['timeoutMs: must be a number above 0, got 0']);
  });

  it.each([
    ['timeout', 'timeoutMs'],
    ['TIMEOUTMS', 'timeoutMs'],
    ['maxConcurrency', 'maxConcurrent'],
    ['maxConcurernt', 'maxConcurrent'],
    ['timeoutMsec', 'timeoutMs'],
  ])('takes %s for %s', (given, meant) => {
    expect(found({ [given]: 1 })).toEqual([`pools.a.${given}: is not an option; did you mean ${meant}?`]);
  });

  it.each(['colour', 'b', 'toString', 'constructor', '__proto__'])('knows nothing like %s, and lists all', (given) => {
    const value = JSON.parse(`{ "${given}": 1 }`);
    expect(found(value)).toEqual([`pools.a.${given}: is not an option (there are: maxConcurrent, timeoutMs, breaker)`]);
  });
});

describe('failOn', () => {
  it('throws all problems as one error, and nothing for none', () => {
    const problems = [
      { path: 'a', message: 'is wrong' },
      { path: 'b', message: 'too' },
    ];
    expect(() => failOn([])).not.toThrow();
    expect(() => failOn(problems)).toThrow(new ConfigurationError(problems));
  });
});
