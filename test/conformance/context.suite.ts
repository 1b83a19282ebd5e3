import { describe, expect, it } from 'vitest';
import { busy, listening, type MakeWire } from './app.js';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** What goes with a call: headers, its deadline, and whether it is still wanted. */
export function describeContext(make: MakeWire): void {
  describe('carries', () => {
    it('headers, with their names in lower case, and the trace', async () => {
      const { caller } = await listening(make);
      const headers = { 'X-Tenant': 'blue', traceparent };
      expect(await caller.call('context', [], { headers })).toMatchObject({
        headers: { 'x-tenant': 'blue' },
        traceparent,
        route: 'context',
      });
    });

    it('the time that is left', async () => {
      const { caller } = await listening(make);
      const { remainingMs } = (await caller.call('context', [], { timeoutMs: 5_000 })) as { remainingMs: number };
      expect(remainingMs).toBeGreaterThan(0);
      expect(remainingMs).toBeLessThanOrEqual(5_000);
    });

    it('a deadline that passes: the caller is told, and the handler hears of it', async () => {
      const under = await listening(make);
      await expect(under.caller.call('wait', [], { timeoutMs: 100 })).rejects.toMatchObject({ code: 'CALL_TIMEOUT' });
      expect(await under.handlers.aborted.promise).toMatchObject({ code: 'CALL_TIMEOUT' });
      expect(under.pools.get('default')!.snapshot()).toMatchObject({ running: 1, abandoned: 1 });
      under.handlers.finish.resolve('late');
      expect(await under.caller.call('echo', ['fine'])).toBe('fine');
      expect(busy(under)).toBe(0);
    });

    it('a cancel: the caller is told at once, and the handler hears of it', async () => {
      const { caller, handlers } = await listening(make);
      const cancel = new AbortController();
      const call = caller.call('wait', [], { signal: cancel.signal });
      await handlers.begun.promise;
      cancel.abort('not needed any more');
      await expect(call).rejects.toMatchObject({ code: 'CALL_CANCELLED', cause: 'not needed any more' });
      expect(await handlers.aborted.promise).toMatchObject({ code: 'CALL_CANCELLED' });
    });

    it('no call that was cancelled before it was made', async () => {
      const { caller, handlers } = await listening(make);
      const signal = AbortSignal.abort('never');
      await expect(caller.call('echo', ['x'], { signal })).rejects.toMatchObject({ code: 'CALL_CANCELLED' });
      expect(await caller.call('echo', ['y'])).toBe('y');
      expect(handlers.handled).toEqual(['y']);
    });
  });
}
