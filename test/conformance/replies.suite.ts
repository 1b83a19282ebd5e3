import { describe, expect, it } from 'vitest';
import { busy, listening, type MakeWire } from './app.js';

/** One reply to each call, its own, whatever the handler does. */
export function describeReplies(make: MakeWire): void {
  describe('replies', () => {
    it('once to each call, with what is its own, in whatever order they end', async () => {
      const under = await listening(make);
      const numbers = Array.from({ length: 200 }, (_, number) => number);
      const replies = numbers.map((number) => under.caller.call('countdown', { number, of: numbers.length }));
      expect(await Promise.all(replies)).toEqual(numbers);
      expect(under.handlers.handled.toSorted((a, b) => Number(a) - Number(b))).toEqual(numbers);
      expect(busy(under)).toBe(0);
    });

    it.each([
      ['positional', ['a', 1]],
      ['named', { number: 7, of: 7 }],
    ])('to %s parameters', async (kind, params) => {
      const { caller } = await listening(make);
      const method = kind === 'named' ? 'countdown' : 'echo';
      expect(await caller.call(method, params)).toEqual(kind === 'named' ? 7 : 'a');
    });

    it('that a full pool refuses a call at once', async () => {
      const under = await listening(make);
      const first = under.caller.call('narrow');
      await under.handlers.begun.promise;
      await expect(under.caller.call('narrow')).rejects.toMatchObject({ code: 'BULKHEAD_FULL', origin: 'remote' });
      under.handlers.finish.resolve('done');
      expect(await first).toBe('done');
    });
  });
}
