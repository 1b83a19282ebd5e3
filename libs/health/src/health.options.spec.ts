import { ConfigurationError } from 'sallyport';
import { describe, expect, it } from 'vitest';
import { resolveHealthOptions, type HealthOptions } from './health.options.js';

function problemsOf(options: unknown): { path: string; message: string }[] {
  try {
    resolveHealthOptions(options as HealthOptions);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('the options of health', () => {
  it('are /health without details when none are given', () => {
    expect(resolveHealthOptions()).toEqual({ path: '/health', details: false });
    expect(resolveHealthOptions({ path: undefined, details: undefined })).toEqual({ path: '/health', details: false });
  });

  it('are taken as given', () => {
    expect(resolveHealthOptions({ path: 'ops/v1/health', details: true })).toEqual({
      path: 'ops/v1/health',
      details: true,
    });
  });

  it('are refused with every problem and its path', () => {
    expect(problemsOf({ path: 42, details: 'yes', detail: true })).toEqual([
      { path: 'health.path', message: "must be a path like '/health', got 42" },
      { path: 'health.details', message: 'must be true or false, got "yes"' },
      { path: 'health.detail', message: 'is not an option; did you mean details?' },
    ]);
  });

  it.each(['', '/', '/health/:id', '/health/*rest', '/he alth', '//health', '/health?full'])(
    'refuse the path %j, which is not literal',
    (path) => {
      expect(problemsOf({ path })).toMatchObject([{ path: 'health.path' }]);
    },
  );

  it.each([
    [null, 'null'],
    ['/health', '"/health"'],
    [['/health'], 'an array'],
    [() => '/health', 'function (anonymous)'],
  ])('are an object, not %o', (options, shown) => {
    expect(problemsOf(options)).toEqual([{ path: 'health', message: `must be an object, got ${shown}` }]);
  });

  it('know no names that every object has', () => {
    expect(problemsOf({ constructor: true })).toMatchObject([{ path: 'health.constructor' }]);
  });
});
