import { GatewayError } from 'sallyport';
import { describe, expect, it } from 'vitest';
import { busy, listening, type MakeWire } from './app.js';
import { errors } from './errors.js';

/** What went wrong there is known here, and no more than that. */
export function describeErrors(make: MakeWire): void {
  describe('tells what went wrong', () => {
    it.each(Object.entries(errors))('by the code %s, with its fields, from the other side', async (code, error) => {
      const { caller, handlers } = await listening(make);
      handlers.thrown = error;
      const received = await rejection(caller.call('throws'));
      expect(received).toBeInstanceOf(GatewayError);
      expect(received).toMatchObject({ code, origin: 'remote', message: error.message });
      expect((received as GatewayError).toJSON()).toEqual(JSON.parse(JSON.stringify(error)));
      expect(String((received as Error).stack)).not.toContain('handlers.');
      expect((received as Error).cause).toBeUndefined();
    });

    it.each([
      ['an error', new TypeError('private path /etc')],
      ['a string', 'plain'],
      ['nothing', undefined],
    ])('as an error of ours where the handler throws %s', async (_, thrown) => {
      const under = await listening(make);
      under.handlers.thrown = thrown;
      const received = await rejection(under.caller.call('throws'));
      expect(received).toMatchObject({ code: 'REMOTE_ERROR', origin: 'remote' });
      expect(JSON.stringify(received)).not.toContain('at ');
      expect(await under.caller.call('echo', [1])).toBe(1);
      expect(busy(under)).toBe(0);
    });

    it.each(['unknown', 'toString', '__proto__', 'constructor', 'hasOwnProperty', ''])(
      'where there is no method %j',
      async (method) => {
        const { caller } = await listening(make);
        await expect(caller.call(method, [])).rejects.toMatchObject({ code: 'HANDLER_NOT_FOUND' });
      },
    );

    it('where parameters are missing, or unknown', async () => {
      const { caller } = await listening(make);
      const issues = [
        { path: 'of', message: 'is missing' },
        { path: '__proto__', message: 'is no parameter' },
      ];
      const params = JSON.parse('{ "number": 1, "__proto__": 2 }') as object;
      await expect(caller.call('countdown', params)).rejects.toMatchObject({ code: 'INVALID_CALL', issues });
    });

    it('where a method is private and nobody has said who calls', async () => {
      const { caller } = await listening(make);
      await expect(caller.call('secret')).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    });
  });
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.unreachable('it should have been rejected'),
    (error: unknown) => error,
  );
}
