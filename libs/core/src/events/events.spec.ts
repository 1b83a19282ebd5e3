import { describe, expect, it, vi } from 'vitest';
import { currentCall, type CallOptions, type TransportName } from '../call.js';
import { ConfigurationError, EmitError, TransportError } from '../errors.js';
import { Pools } from '../pools/pool.registry.js';
import { Telemetry } from '../telemetry.js';
import { Events, type EmittingTransport, type OutgoingEvent } from './events.js';

const pool = new Pools(undefined, new Telemetry()).register('billing');

interface Emitter extends EmittingTransport {
  emit: NonNullable<EmittingTransport['emit']>;
  readonly emitted: OutgoingEvent[];
}

function emitter(name: TransportName): Emitter {
  const emitted: OutgoingEvent[] = [];
  return { name, emitted, emit: async (event) => void emitted.push(event) };
}

/** The headers of an event that is emitted inside of a call. */
async function headersInside(call: CallOptions, own?: Record<string, string>) {
  const memory = emitter('memory');
  const events = new Events('billing', [memory]);
  const id = await pool.execute(async () => {
    await events.emit('paid', {}, { headers: own });
    return currentCall().correlationId;
  }, call);
  const { 'sallyport-call-id': callId, ...headers } = memory.emitted[0]!.headers;
  return { id, callId, headers };
}

async function problemsOf(emit: Promise<void>): Promise<string[]> {
  const error = await emit.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigurationError);
  return (error as ConfigurationError).problems.map(({ path, message }) => `${path}: ${message}`);
}

describe('Events', () => {
  it('goes through every transport that can emit, in the name of the service', async () => {
    const [memory, zeromq] = [emitter('memory'), emitter('zeromq')];
    await new Events('billing', [memory, { name: 'json-rpc' }, zeromq]).emit('paid', { order: 7 });
    const event = { source: 'billing', name: 'paid', body: { order: 7 }, mandatory: false, headers: {} };
    expect([memory.emitted, zeromq.emitted]).toEqual([[event], [event]]);
  });

  it('goes through the transports that are named, and no other', async () => {
    const [memory, zeromq] = [emitter('memory'), emitter('zeromq')];
    await new Events('billing', [memory, zeromq]).emit('paid', {}, { transports: ['zeromq'], mandatory: true });
    expect([memory.emitted, zeromq.emitted.map(({ mandatory }) => mandatory)]).toEqual([[], [true]]);
  });

  it('is a method of its transport', async () => {
    class Wire implements EmittingTransport {
      readonly name = 'memory';
      readonly emitted: string[] = [];
      async emit({ name }: OutgoingEvent): Promise<void> {
        this.emitted.push(name);
      }
    }
    const wire = new Wire();
    await new Events('billing', [wire]).emit('paid', {});
    expect(wire.emitted).toEqual(['paid']);
  });

  it('asks all transports at once, and is done when the last one has taken responsibility', async () => {
    const taken: (() => void)[] = [];
    const slow = (name: string): EmittingTransport => ({
      name,
      emit: () => new Promise((resolve) => taken.push(resolve)),
    });
    const done = vi.fn();
    const emitting = new Events('billing', [slow('amqp'), slow('zeromq')]).emit('paid', {}).then(done);
    expect(taken).toHaveLength(2);
    taken[1]!();
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).not.toHaveBeenCalled();
    taken[0]!();
    await emitting;
    expect(done).toHaveBeenCalledTimes(1);
  });

  it('says which transports did not take it and which did, once all have answered', async () => {
    const nacked = new TransportError('the broker did not want it', 'amqp', 'nacked');
    const amqp = { name: 'amqp', emit: () => Promise.reject(nacked) };
    const throws = {
      name: 'zeromq',
      emit: (): never => {
        throw 'no socket';
      },
    };
    const memory = emitter('memory');
    const error = await new Events('billing', [amqp, throws, memory]).emit('paid', {}).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(EmitError);
    expect(error).toMatchObject({
      code: 'EMIT_FAILED',
      message: 'event "paid" was taken only by memory (amqp: the broker did not want it; zeromq: no socket)',
      failed: { amqp: nacked, zeromq: new Error('no socket') },
      succeeded: ['memory'],
    });
    expect(error.failed.amqp).toBe(nacked);
    expect(memory.emitted).toHaveLength(1);
  });

  it('says that nobody took it where nobody did', async () => {
    const amqp = { name: 'amqp', emit: () => Promise.reject(new Error('gone')) };
    await expect(new Events('billing', [amqp]).emit('paid', {})).rejects.toThrow(
      'event "paid" was taken by no transport (amqp: gone)',
    );
  });

  it('cannot be emitted where no transport can', async () => {
    expect(await problemsOf(new Events(undefined, []).emit('paid', {}))).toEqual([
      'transports: no transport of this app can emit (there are: none)',
    ]);
    expect(await problemsOf(new Events('billing', [{ name: 'json-rpc' }]).emit('paid', {}))).toEqual([
      'transports: no transport of this app can emit (there are: json-rpc)',
    ]);
  });

  it('cannot be emitted through a transport that is not there, or cannot emit', async () => {
    const memory = emitter('memory');
    const events = new Events('billing', [memory, { name: 'json-rpc' }]);
    expect(await problemsOf(events.emit('paid', {}, { transports: ['memory', 'amqp', 'json-rpc'] }))).toEqual([
      'emit options.transports: "amqp" is no transport of this app (those that can emit: memory)',
      'emit options.transports: "json-rpc" cannot emit (those that can emit: memory)',
    ]);
    expect(memory.emitted).toEqual([]);
  });

  it.each(['', 'order paid', 'paid\n', 'x'.repeat(201), undefined, 7])('cannot be named %j', async (name) => {
    const memory = emitter('memory');
    expect(await problemsOf(new Events('billing', [memory]).emit(name as string, {}))).toEqual([
      expect.stringMatching(/^event name: must be a string of 1 to 200 characters, none of them white space, got /),
    ]);
    expect(memory.emitted).toEqual([]);
  });

  it.each(['paid', 'orders.paid', 'bezahlt/über', 'x'.repeat(200)])('can be named %j', async (name) => {
    const memory = emitter('memory');
    await new Events('billing', [memory]).emit(name, {});
    expect(memory.emitted[0]!.name).toBe(name);
  });

  it('says all that is wrong with its options', async () => {
    const options = { transports: [], mandatory: 'yes', headers: { tenant: 7 }, delayMs: 5 };
    expect(await problemsOf(new Events('billing', [emitter('memory')]).emit('', {}, options as never))).toEqual([
      'event name: must be a string of 1 to 200 characters, none of them white space, got ""',
      'emit options.transports: must be an array of at least one name of a transport',
      'emit options.mandatory: must be true or false, got "yes"',
      'emit options.headers: must be an object of strings',
      expect.stringMatching(/^emit options.delayMs: is not an option/),
    ]);
  });

  it('takes the id, the trace and the headers of the call along', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const { id, callId, headers } = await headersInside({ headers: { traceparent, 'X-Tenant': 'acme' } });
    expect(callId).toBe(id);
    expect(headers).toEqual({ traceparent, 'x-tenant': 'acme' });
  });

  it('has headers of its own, which win over those of the call', async () => {
    const { headers } = await headersInside({ headers: { tenant: 'acme', user: '7' } }, { Tenant: 'other', kind: 'a' });
    expect(headers).toEqual({ tenant: 'other', user: '7', kind: 'a' });
  });

  it('leaves behind what is said of the call alone', async () => {
    const { headers } = await headersInside({
      headers: { 'sallyport-deadline-ms': '50', 'sallyport-attempt': '2', tenant: 'acme' },
    });
    expect(headers).toEqual({ tenant: 'acme' });
  });

  it('has no headers but its own outside of a call', async () => {
    const memory = emitter('memory');
    await new Events('billing', [memory]).emit('paid', {}, { headers: { Tenant: 'acme' } });
    expect(memory.emitted[0]!.headers).toEqual({ tenant: 'acme' });
  });

  it('is the same for every transport, and for none to change', async () => {
    const [memory, zeromq] = [emitter('memory'), emitter('zeromq')];
    await new Events('billing', [memory, zeromq]).emit('paid', {});
    expect(zeromq.emitted[0]).toBe(memory.emitted[0]);
    const { emitted } = memory;
    expect([Object.isFrozen(emitted[0]), Object.isFrozen(emitted[0]!.headers)]).toEqual([true, true]);
  });
});
