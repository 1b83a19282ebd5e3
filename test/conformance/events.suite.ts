import { describe, expect, it, vi } from 'vitest';
import { listening, type MakeWire } from './app.js';

/** For wires that carry events. */
export function describeEvents(make: MakeWire): void {
  describe('carries events', () => {
    it('with their bodies and headers, in the order in which they were emitted', async () => {
      const { emit, handlers } = await listening(make);
      for (let number = 0; number < 50; number++)
        await emit('happened', { number }, { headers: { Number: `${number}` } });
      await vi.waitUntil(() => handlers.handled.length === 50);
      expect(handlers.handled).toMatchObject(
        Array.from({ length: 50 }, (_, number) => ({ body: { number }, headers: { number: `${number}` } })),
      );
    });

    it('that a full pool does not refuse: they wait, and run as many at once as there are slots', async () => {
      const { emit, handlers } = await listening(make);
      await Promise.all(Array.from({ length: 20 }, (_, number) => emit('crowded', number)));
      await vi.waitUntil(() => handlers.handled.length === 20);
      expect(handlers.handled).toEqual(Array.from({ length: 20 }, (_, number) => number));
      expect(handlers.mostAtOnce).toBe(1);
    });

    it('that are being handled when the app closes: they are finished', async () => {
      const { app, emit, handlers } = await listening(make);
      await emit('awaited', 'body');
      await handlers.begun.promise;
      const closed = app.close();
      handlers.finish.resolve('in time');
      await closed;
      expect(handlers.handled).toEqual(['body']);
    });

    it('that nobody handles, unless somebody has to', async () => {
      const { emit } = await listening(make);
      await expect(emit('unheard', {})).resolves.toBeUndefined();
    });
  });
}
