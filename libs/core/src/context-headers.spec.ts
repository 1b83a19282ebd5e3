import { ManualClock } from 'sallyport/testing';
import { describe, expect, it } from 'vitest';
import { currentCall } from './call.js';
import { contextHeaders, contextOf } from './context-headers.js';
import { Execution } from './pools/execution.js';
import { composeOperation } from './pools/operation.js';
import { Pools } from './pools/pool.registry.js';
import { Telemetry } from './telemetry.js';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const sent = {
  'Sallyport-Deadline-Ms': '250',
  'sallyport-call-id': 'a-1',
  'sallyport-attempt': '3',
  TraceParent: traceparent,
  Baggage: 'tenant=blue',
  'X-Tenant': ['blue', 'green'],
  absent: undefined,
};

describe('the context of a message', () => {
  it('is what its headers say, on the clock of this process', async () => {
    const clock = new ManualClock();
    await clock.advance(1_000);
    expect(contextOf(sent, clock, true)).toEqual({
      headers: {
        'sallyport-deadline-ms': '250',
        'sallyport-call-id': 'a-1',
        'sallyport-attempt': '3',
        traceparent,
        baggage: 'tenant=blue',
        'x-tenant': 'blue, green',
      },
      deadline: 1_250,
      correlationId: 'a-1',
      attempt: 3,
      traceparent,
    });
  });

  it('is, from who may be anybody, the trace and what applications added', () => {
    expect(contextOf(sent, new ManualClock(), false)).toEqual({
      headers: { traceparent, 'x-tenant': 'blue, green' },
      deadline: undefined,
      correlationId: undefined,
      attempt: undefined,
      traceparent,
    });
  });

  it.each([
    ['sallyport-deadline-ms', '-1'],
    ['sallyport-deadline-ms', ''],
    ['sallyport-deadline-ms', 'soon'],
    ['sallyport-attempt', '0'],
    ['sallyport-call-id', 'x'.repeat(201)],
    ['traceparent', 'x'],
  ])('has nothing of what is malformed: %s %j', (name, value) => {
    const headers = { [name]: value };
    expect(contextOf(headers, new ManualClock(), true)).toEqual({ headers });
  });

  it('has no more than 64 headers and 8 KiB of them', () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`h${index}`, 'v']));
    expect(Object.keys(contextOf(many, new ManualClock(), true).headers!)).toHaveLength(64);
    const long = { a: 'x'.repeat(8_000), b: 'x'.repeat(8_000), c: 'x' };
    expect(Object.keys(contextOf(long, new ManualClock(), true).headers!)).toEqual(['a']);
  });

  it('keeps a header of a name that objects have as a header', () => {
    const { headers } = contextOf(
      JSON.parse('{ "__proto__": "x" }') as Record<string, string>,
      new ManualClock(),
      true,
    );
    expect(Object.getOwnPropertyNames(headers)).toEqual(['__proto__']);
  });
});

describe('the headers of a call that goes out', () => {
  it('are its own, outside of any other', () => {
    expect(contextHeaders()).toEqual({});
    expect(contextHeaders({ headers: { 'X-A': '1' }, timeoutMs: 20.2 })).toEqual({
      'x-a': '1',
      'sallyport-deadline-ms': '21',
    });
  });

  it('are those of the call that causes it but for its credentials, with its id, its trace and the time that is left', async () => {
    const clock = new ManualClock();
    const pool = new Pools(undefined, new Telemetry(), clock).register('out', { timeoutMs: 100 });
    const forThisCall = {
      authorization: 'Bearer x',
      cookie: 'a=1',
      'x-api-token': 'x',
      host: 'a',
      'content-length': '2',
    };
    const headers = { 'x-tenant': 'blue', 'sallyport-attempt': '2', traceparent, ...forThisCall };
    const arrival = { transport: 'memory', route: 'in', headers, correlationId: 'a-1' };
    const target = async () => {
      await clock.advance(40);
      expect(currentCall().remainingMs()).toBe(60);
      const own = { 'X-Tenant': 'green', Authorization: 'Bearer y' };
      return [contextHeaders(), contextHeaders({ timeoutMs: 10, headers: own })];
    };
    const outcome = new Execution(composeOperation(pool, 'in'), target, undefined, [], { arrival }).submit();
    expect(await outcome).toEqual([
      { 'x-tenant': 'blue', traceparent, 'sallyport-call-id': 'a-1', 'sallyport-deadline-ms': '60' },
      {
        'x-tenant': 'green',
        authorization: 'Bearer y',
        traceparent,
        'sallyport-call-id': 'a-1',
        'sallyport-deadline-ms': '10',
      },
    ]);
  });
});
