import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDeeperThan } from './depth.js';

function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth);
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
  ])('of %s for %i: %s', (text, limit, deeper) => {
    expect(isDeeperThan(limit, text)).toBe(deeper);
  });

  it('counts to the very limit', () => {
    expect([64, 65].map((depth) => isDeeperThan(64, nested(depth)))).toEqual([false, true]);
  });

  it('is not harmed by a million brackets', () => {
    expect(isDeeperThan(64, '['.repeat(1_000_000))).toBe(true);
    expect(isDeeperThan(64, '[{"a":'.repeat(500_000))).toBe(true);
  });

  it('ends with text that is no JSON', () => {
    for (const text of ['"', '[["', '"\\', '[[[]]]]]]]', '"\\"']) expect(isDeeperThan(2, text)).toBe(text === '[[[]]]]]]]');
  });

  it('agrees with what is there, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.nat(8), (value, limit) => {
        expect(isDeeperThan(limit, JSON.stringify(value))).toBe(depthOf(value) > limit);
      }),
    );
  });
});
