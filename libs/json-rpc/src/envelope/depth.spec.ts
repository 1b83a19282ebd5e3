import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDeeperThan } from './depth.js';

function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth);
}

function deeper(limit: number, text: string): boolean {
  return isDeeperThan(limit, JSON.parse(text), text);
}

/** By the book: with a recursion that is no danger at the sizes here. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('isDeeperThan', () => {
  it.each([
    ['1', 0, false],
    ['[]', 1, false],
    ['[]', 0, true],
    ['{"a":[1]}', 2, false],
    ['{"a":[1]}', 1, true],
    ['[[],[],[],[]]', 2, false],
    ['["[[[[", "\\"[[[[", "\\\\"]', 1, false],
    ['["\\\\", [[]]]', 2, true],
  ])('of %s for %i: %s', (text, limit, expected) => {
    expect(deeper(limit, text)).toBe(expected);
    expect(deeper(limit, `${text}${' '.repeat(4_000)}`)).toBe(expected);
  });

  it('counts to the very limit', () => {
    expect([64, 65].map((depth) => deeper(64, nested(depth)))).toEqual([false, true]);
    expect([64, 65].map((depth) => deeper(64, nested(depth) + ' '.repeat(4_000)))).toEqual([false, true]);
  });

  it('is not harmed by a million brackets', () => {
    expect(deeper(64, nested(1_000_000))).toBe(true);
    expect(deeper(64, `${'[{"a":'.repeat(500_000)}1${'}]'.repeat(500_000)}`)).toBe(true);
  });

  it('agrees with what is there, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.nat(8), (value, limit) => {
        expect(deeper(limit, JSON.stringify(value, null, limit % 2))).toBe(depthOf(value) > limit);
      }),
    );
  });
});
