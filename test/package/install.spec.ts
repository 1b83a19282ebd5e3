import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { evaluate, installInto } from './support/consumer.js';
import { temporaryDirectory } from './support/directory.js';
import { entryPoints, run } from './support/project.js';

describe('an installation without optional peers', () => {
  const directory = temporaryDirectory();

  beforeAll(() => installInto(directory));

  it.each(entryPoints)('has a working $specifier', async ({ specifier }) => {
    const names = await evaluate(directory, `console.log(Object.keys(await import('${specifier}')).length)`);
    expect(Number(names)).toBeGreaterThan(0);
  });

  it('has the command', async () => {
    writeFileSync(
      join(directory, 'sallyport.yml'),
      'proxies: [{ name: a, match: /a, upstream: "http://127.0.0.1:1" }]\n',
    );
    const printed = await run(directory, join(directory, 'node_modules/.bin/sallyport'), '--check');
    expect(printed).toBe('a: /a -> http://127.0.0.1:1\n');
  });

  it.each(['sallyport/dist/libs/core/src/index.js', 'sallyport/libs/core/src/index.ts'])('hides %s', async (path) => {
    await expect(evaluate(directory, `await import('${path}')`)).rejects.toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });
});
