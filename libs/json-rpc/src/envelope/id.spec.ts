import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idText, Source } from './id.js';

function answered(text: string, position?: number): string {
  const message = JSON.parse(text) as { id: number } | { id: number }[];
  const { id } = Array.isArray(message) ? message[position!]! : message;
  return idText(id, new Source(text), position);
}

describe('idText', () => {
  it.each([['0'], ['""'], ['null'], ['-1'], ['"1"'], ['"\\ud800"'], ['"a\\"b"'], ['9007199254740991']])(
    'answers %s as it came',
    (id) => {
      expect(answered(`{"id":${id}}`)).toBe(id);
    },
  );

  it.each([['12345678901234567890'], ['0.1'], ['1e400'], ['-1E-7'], ['9007199254740993']])(
    'answers %s, which JavaScript does not hold or does not write like that, in its own digits',
    (id) => {
      expect(answered(`{"id":${id}}`)).toBe(id);
      expect(answered(`[{"id":1},{ "id" : ${id} , "x":{"id":2}},{"id":3}]`, 1)).toBe(id);
    },
  );

  it('is not misled by ids further in, in strings, in other members, or under another spelling', () => {
    const id = '12345678901234567890';
    const texts = [
      `{"params":{"id":1e300},"id":${id}}`,
      `{"params":[{"id":1e300},"\\"id\\":1e300,"],"id":${id}}`,
      `{"method":"id","x":"id","id":${id},"y":":","z":[1e300]}`,
      `{"\\u0069d":${id}}`,
      `{"id":1e300,"id":${id}}`,
    ];
    expect(texts.map((text) => answered(text))).toEqual(texts.map(() => id));
    expect(answered(`  [["id",1e300], "id", {"a":[{},{}]}, {"id":${id}}]`, 3)).toBe(id);
  });

  it('is the same number, whatever surrounds it', () => {
    const unsafe = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((id) => !Number.isSafeInteger(id));
    fc.assert(
      fc.property(unsafe, fc.jsonValue(), fc.jsonValue(), (id, before, after) => {
        const text = JSON.stringify([before, { before, id, after }, after]);
        expect(JSON.parse(answered(text, 1))).toBe(id);
      }),
    );
  });
});
