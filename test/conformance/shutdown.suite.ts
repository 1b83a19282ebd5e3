import { GatewayLifecycle } from 'sallyport';
import { describe, expect, it, vi } from 'vitest';
import { listening, type MakeWire } from './app.js';

/** What was taken is finished and answered; nothing new is. */
export function describeShutdown(make: MakeWire): void {
  describe('at shutdown', () => {
    it('answers the call that runs, and takes no other', async () => {
      const under = await listening(make);
      const running = under.caller.call('wait');
      await under.handlers.begun.promise;
      const closed = under.app.close();
      await vi.waitUntil(() => under.app.get(GatewayLifecycle).phase === 'draining');
      await expect(under.caller.call('echo', ['late'])).rejects.toMatchObject({ code: expect.any(String) });
      under.handlers.finish.resolve('in time');
      expect(await running).toBe('in time');
      await closed;
      expect(under.handlers.handled).toEqual([]);
    });

    it('tells that it is up while it is, and not that it is after', async () => {
      const under = await listening(make);
      expect(under.wire.transport.health()).toMatchObject({ status: 'up' });
      await under.app.close();
      expect(under.wire.transport.health().status).not.toBe('up');
    });
  });
}
