import type { StandardSchemaV1 } from '@standard-schema/spec';
import { describe, expect, it } from 'vitest';
import { argumentsOf, namedOf, type Params } from './named-params.js';

const upper: StandardSchemaV1 = {
  '~standard': {
    version: 1,
    vendor: 'here',
    validate: (value) => ({ value: Object.fromEntries(Object.entries(value as object).map(([k, v]) => [k, `${v}!`])) }),
  },
};

function params(given: Partial<Params> = {}): Params {
  return { method: 'pay', names: undefined, required: [], schema: undefined, ...given };
}

const named = params({ names: ['id', 'amount'], required: ['id'] });

describe('the arguments of an exposed method', () => {
  it.each([
    [
      [1, 2],
      [1, 2],
    ],
    [{ id: 1 }, [{ id: 1 }]],
    ['text', ['text']],
    [0, [0]],
    [undefined, []],
    [null, []],
  ])('of %j, where it says nothing of them, are %j', (payload, expected) => {
    expect(argumentsOf(params(), payload)).toEqual(expected);
  });

  it.each([
    [{ amount: 2, id: 1 }, [1, 2]],
    [{ id: 1 }, [1, undefined]],
    [[1], [1]],
    [
      [1, 2],
      [1, 2],
    ],
  ])('of %j, where it names them, are %j', (payload, expected) => {
    expect(argumentsOf(named, payload)).toEqual(expected);
  });

  it.each([
    [{}, 'pay takes the parameters id, amount: id is missing'],
    [undefined, 'pay takes the parameters id, amount: id is missing'],
    [[], 'pay takes the parameters id, amount: id is missing'],
    [{ id: 1, toString: 2 }, 'pay takes the parameters id, amount: toString is no parameter'],
    [[1, 2, 3], 'pay takes 2 parameters (id, amount), got 3'],
    ['text', 'pay takes named parameters, in one object'],
  ])('are refused for %j: %s', (payload, message) => {
    expect(() => argumentsOf(named, payload)).toThrow(expect.objectContaining({ code: 'INVALID_CALL', message }));
  });

  it('do not come from the prototype of what was sent', () => {
    expect(() => argumentsOf(params({ names: ['constructor'], required: ['constructor'] }), {})).toThrow(
      'constructor is missing',
    );
  });

  it('are what the schema makes of them, spread where they have names', () => {
    expect(argumentsOf(params({ schema: upper }), { id: 1 })).toEqual([{ id: '1!' }]);
    expect(argumentsOf(params({ schema: upper }), [{ id: 1 }])).toEqual([{ id: '1!' }]);
    expect(argumentsOf(params({ schema: upper }), undefined)).toEqual([{}]);
    expect(argumentsOf({ ...named, schema: upper }, { id: 1 })).toEqual(['1!', undefined]);
    expect(argumentsOf({ ...named, schema: upper }, [1, 2])).toEqual(['1!', '2!']);
  });

  it('are one object where the schema makes something else of the one that was sent', () => {
    const parsed: StandardSchemaV1 = { '~standard': { version: 1, vendor: 'here', validate: () => ({ value: 7 }) } };
    expect(argumentsOf({ ...named, schema: parsed }, { id: 1 })).toEqual([7]);
  });
});

describe('the named object', () => {
  it('is what was sent, where nothing is said of it', () => {
    expect(namedOf(params(), [1, 2])).toEqual([1, 2]);
  });

  it('is made of positional parameters, and checked', () => {
    expect(namedOf(named, [1, 2])).toEqual({ id: 1, amount: 2 });
    expect(() => namedOf(named, { amount: 2 })).toThrow('id is missing');
  });
});
