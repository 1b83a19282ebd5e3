import { describe, expect, it } from 'vitest';
import { busy, listening, type MakeWire } from './app.js';

/** What comes back is what the handler gave, or an error, and never nothing at all. */
export function describeValues(make: MakeWire): void {
  describe('replies', () => {
    it.each([0, '', false, null, [], {}, 'grüße 🌍', { deep: [{ er: null }] }, 'x'.repeat(300_000)])(
      'with a value as it is (%#)',
      async (value) => {
        const { caller } = await listening(make);
        expect(await caller.call('echo', [value])).toEqual(value);
      },
    );

    it('with nothing where the handler returns nothing', async () => {
      const { caller } = await listening(make);
      expect((await caller.call('nothing')) ?? null).toBeNull();
    });

    it.each(['bigint', 'cycle'])('with an error to a result that cannot be serialised (%s)', async (kind) => {
      const under = await listening(make);
      await expect(under.caller.call('unserialisable', [kind])).rejects.toMatchObject({ code: expect.any(String) });
      expect(await under.caller.call('echo', ['still there'])).toBe('still there');
      expect(busy(under)).toBe(0);
    });

    it('to a result for which JSON has no form, be it with an error or with nothing', async () => {
      const { caller } = await listening(make);
      const [settled] = await Promise.allSettled([caller.call('unserialisable', ['function'])]);
      expect(settled.status === 'rejected' ? null : (settled.value ?? null)).toBeNull();
      expect(await caller.call('echo', ['still there'])).toBe('still there');
    });
  });
}
