import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MALFORMED, parse, textOf } from './text.js';

describe('textOf', () => {
  it('gives the text of any string', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(textOf(Buffer.from(text))).toBe(text);
      }),
    );
  });

  it('gives a replacement character that was sent as one', () => {
    expect(textOf(Buffer.from('"\uFFFD"'))).toBe('"\uFFFD"');
  });

  it.each([
    ['a byte of its own', [0x22, 0xff, 0x22]],
    ['a sequence cut short', [0x22, 0xe2, 0x82, 0x22]],
    ['an overlong sequence', [0x22, 0xc0, 0xaf, 0x22]],
    ['a surrogate', [0x22, 0xed, 0xa0, 0x80, 0x22]],
  ])('gives nothing for %s', (_, bytes) => {
    expect(textOf(Buffer.from(bytes))).toBeUndefined();
  });
});

describe('parse', () => {
  it('gives the value of JSON, and lone surrogates in it as they are', () => {
    expect(parse('{"a":["\\ud800"]}', 2)).toEqual({ a: ['\ud800'] });
  });

  it('gives MALFORMED for what is no JSON, begins with a byte order mark, or nests too deeply', () => {
    expect(['', '{', '\uFEFF{}', "{'a':1}", 'NaN', '[[[]]]'].map((text) => parse(text, 2))).toEqual(
      Array.from({ length: 6 }, () => MALFORMED),
    );
  });

  it('takes the last of equal keys, and makes no prototype of what is called like one', () => {
    const value = parse('{"a":1,"a":2,"__proto__":{"b":3}}', 9) as Record<string, unknown>;
    expect([value['a'], value['b'], Object.keys(value)]).toEqual([2, undefined, ['a', '__proto__']]);
  });
});
