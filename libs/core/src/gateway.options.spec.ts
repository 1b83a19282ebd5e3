import { ManualClock } from 'sallyport/testing';
import { describe, expect, it } from 'vitest';
import type { ConfigurationError } from './errors.js';
import { resolveGatewayOptions, type GatewayOptions } from './gateway.options.js';
import type { GatewayTransport } from './transport.js';

const wire: GatewayTransport = {
  name: 'memory',
  kinds: [],
  start: async () => {},
  stopIntake: async () => {},
  close: async () => {},
  health: () => ({ status: 'up' }),
};

/** What is wrong with `options`, in the form of the message. */
function problems(options: unknown): string[] {
  try {
    resolveGatewayOptions(options as GatewayOptions);
    return [];
  } catch (error) {
    return (error as ConfigurationError).problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

describe('the options of the gateway', () => {
  it('are all optional', () => {
    const defaults = { pools: {}, strictPools: false, trustContext: false, transports: [], graceMs: 10_000 };
    expect(resolveGatewayOptions()).toMatchObject(defaults);
    expect(resolveGatewayOptions({ service: undefined, pools: undefined })).toMatchObject(defaults);
  });

  it('are kept as they were given', () => {
    const clock = new ManualClock();
    const pools = { billing: { maxConcurrent: 3 } };
    const given = {
      service: 'gate-way_1',
      pools,
      strictPools: true,
      trustContext: true,
      transports: [wire],
      clock,
      shutdown: { graceMs: 0 },
    };
    expect(resolveGatewayOptions(given)).toEqual({
      service: 'gate-way_1',
      pools,
      poolDefaults: undefined,
      strictPools: true,
      trustContext: true,
      transports: [wire],
      graceMs: 0,
      clock,
    });
    expect(Object.isFrozen(resolveGatewayOptions(given))).toBe(true);
  });

  it('have all their problems told at once, each with its path', () => {
    const options = {
      service: '1st',
      strictPool: true,
      pools: { billing: { maxConcurrent: -1, breaker: { failureRatio: 2 } }, audit: 5 },
      poolDefaults: { maxQueue: 0.5, retryBudget: { ratio: -1 } },
      shutdown: { graceMs: -1, grace: 5 },
      clock: {},
    };
    expect(problems(options)).toEqual([
      'service: must be a letter, then letters, digits, "_" or "-", got "1st"',
      'strictPool: is not an option; did you mean strictPools?',
      'shutdown.graceMs: must be a number of at least 0, got -1',
      'shutdown.grace: is not an option; did you mean graceMs?',
      'clock: must have now() and at(deadline, run)',
      'pools.billing.maxConcurrent: must be a whole number of at least 1, got -1',
      'pools.billing.breaker.failureRatio: must be a ratio above 0 and at most 1, got 2',
      'pools.audit: must be an object, got 5',
      'poolDefaults.maxQueue: must be a whole number of at least 0, got 0.5',
      'poolDefaults.retryBudget.ratio: must be a number of at least 0, got -1',
    ]);
  });

  it.each(['Accounts', 'a', 'a-b_c9'])('take %s for a service', (service) => {
    expect(problems({ service })).toEqual([]);
  });

  it('takes no pool for granted that is null', () => {
    expect(problems({ pools: { billing: null } })).toEqual(['pools.billing: must be an object, got null']);
  });

  it.each([[''], ['1a'], ['-a'], ['a b'], ['a.b'], ['ä'], [7], [7n], [null], [() => 1]])(
    'do not take %o for a service, and say what one is',
    (service) => {
      expect(problems({ service })).toEqual([expect.stringMatching(/^service: must be a letter, .*, got .+/)]);
      expect(problems({ service })[0]).not.toContain('undefined');
    },
  );

  it('need the name of the service once a transport is used', () => {
    expect(problems({ transports: [] })).toEqual([]);
    expect(problems({ transports: [wire] })).toEqual([
      'service: is required once a transport is used: the name of this service',
    ]);
  });

  it.each([
    [[wire, {}]],
    [[wire, null]],
    [[wire, () => wire]],
    [[wire, { ...wire, health: undefined }]],
    [[wire, { ...wire, name: undefined }]],
  ])('say which of the transports is none: %o', (transports) => {
    expect(problems({ service: 'a', transports })).toEqual([
      'transports: [1] is no transport: it needs name, kinds, start(), stopIntake(), close(), health()',
    ]);
  });

  it.each([
    [{ transports: wire }, 'transports: must be an array'],
    [{ service: 'a', pools: [] }, 'pools: must be an object'],
    [{ service: 'a', poolDefaults: 3 }, 'poolDefaults: must be an object'],
    [{ shutdown: 5 }, 'shutdown: must be an object, got 5'],
    [{ strictPools: 'yes' }, 'strictPools: must be true or false, got "yes"'],
  ])('say of %o what it must be', (options, message) => {
    expect(problems(options)).toEqual([message]);
  });

  it.each([[null], ['billing'], [[]]])('are an object, and not %o', (options) => {
    expect(problems(options)).toEqual([expect.stringMatching(/^GatewayModule options: must be an object, got /)]);
  });
});
