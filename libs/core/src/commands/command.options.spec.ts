import { describe, expect, it } from 'vitest';
import { commandProblems } from './command.options.js';

const problems = (options: unknown): string[] =>
  commandProblems(options, 'Users.load').map(({ path, message }) => `${path}: ${message}`);

describe('the options of a command', () => {
  it('need a group and nothing more', () => {
    expect(problems({ group: 'users' })).toEqual([]);
    expect(problems({})).toEqual(['Users.load.group: is required: the name of a pool']);
  });

  it('may say all there is', () => {
    const retry = { attempts: 3, backoffMs: 0, factor: 1, jitter: false, when: () => true };
    const breaker = { failureRatio: 1, minimumCalls: 1, windowMs: 10, openForMs: 1, halfOpenCalls: 2, slowCallMs: 5 };
    const isFailure = (): boolean => true;
    const rest = { key: 'load', timeoutMs: 5, context: false, fallback: 'instead' };
    expect(problems({ group: 'users', retry, breaker, isFailure, ...rest })).toEqual([]);
    expect(problems({ group: 'users', timeoutMs: false, breaker: false, retry: undefined })).toEqual([]);
  });

  it.each<[options: Record<string, unknown>, message: string]>([
    [{ group: 7 }, 'group: must be a string that is not empty, got 7'],
    [{ key: '' }, 'key: must be a string that is not empty, got ""'],
    [{ timeoutMs: 0 }, 'timeoutMs: must be false or a number above 0, got 0'],
    [{ timeoutMs: -5 }, 'timeoutMs: must be false or a number above 0, got -5'],
    [{ timeoutMs: '5s' }, 'timeoutMs: must be false or a number above 0, got "5s"'],
    [{ context: 0 }, 'context: must be true or false, got 0'],
    [{ isFailure: /x/ }, 'isFailure: must be a function, got an object'],
    [
      { fallback: null },
      'fallback: must be the name of a public method of the same class, or a function (error, ...args)',
    ],
    [{ timeout: 5 }, 'timeout: is not an option; did you mean timeoutMs?'],
    [
      { grp: 'a' },
      'grp: is not an option (there are: group, key, timeoutMs, retry, context, breaker, isFailure, fallback)',
    ],
    [{ retry: 3 }, 'retry: must be an object, got 3'],
    [{ retry: null }, 'retry: must be an object, got null'],
    [{ retry: {} }, 'retry.attempts: is required: how often to try in all'],
    [{ retry: { attempts: 0 } }, 'retry.attempts: must be a whole number of at least 1, got 0'],
    [{ retry: { attempts: 2, backoffMs: -1 } }, 'retry.backoffMs: must be a number of at least 0, got -1'],
    [{ retry: { attempts: 2, factor: 0.5 } }, 'retry.factor: must be a number of at least 1, got 0.5'],
    [{ retry: { attempts: 2, backoff: 1 } }, 'retry.backoff: is not an option; did you mean backoffMs?'],
    [{ retry: { attempts: 2, when: true } }, 'retry.when: must be a function, got true'],
    [{ breaker: true }, 'breaker: must be an object, got true'],
    [{ breaker: { failureRatio: 50 } }, 'breaker.failureRatio: must be a ratio above 0 and at most 1, got 50'],
    [{ breaker: { windowMs: 1 } }, 'breaker.windowMs: must be a number of at least 10, got 1'],
    [{ breaker: { openFor: 1 } }, 'breaker.openFor: is not an option; did you mean openForMs?'],
  ])('are not right as %o', (options, message) => {
    expect(problems({ group: 'users', ...options })).toEqual([`Users.load.${message}`]);
  });

  it('have all their problems told', () => {
    expect(problems({ key: 1, retry: { attempts: 'x', wen: 1 }, breaker: { minimumCalls: 0 } })).toHaveLength(5);
  });

  it.each([[undefined], [null], ['users'], [() => 1]])('are an object, and not %o', (options) => {
    expect(problems(options)[0]).toMatch(/^Users\.load: must be an object, got /);
  });
});
