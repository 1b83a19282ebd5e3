import { beforeAll, describe, expect, it } from 'vitest';
import { evaluate, installInto } from './support/consumer.js';
import { temporaryDirectory } from './support/directory.js';
import { entryPoints } from './support/project.js';

describe('an installation without optional peers', () => {
  const directory = temporaryDirectory();

  beforeAll(() => installInto(directory));

  it.each(entryPoints)('has a working $specifier', async ({ specifier }) => {
    const names = await evaluate(directory, `console.log(Object.keys(await import('${specifier}')).length)`);
    expect(Number(names)).toBeGreaterThan(0);
  });

  it.each(['sallyport/dist/libs/core/src/index.js', 'sallyport/libs/core/src/index.ts'])('hides %s', async (path) => {
    await expect(evaluate(directory, `await import('${path}')`)).rejects.toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });
});
