import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { libs, read, root } from './support/project.js';

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'apps/gateway/README.md',
  ...libs.map((lib) => `libs/${lib}/README.md`),
];

describe('the documentation', () => {
  it.each(['quickstart', 'accounts'])('shows %s as it is', (app) => {
    const blocks = [...read('README.md').matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block]) => block);
    expect(blocks).toContain(read(`apps/${app}/src/main.ts`));
  });

  it('shows the wire of the example as it is', () => {
    const blocks = [...read('libs/core/README.md').matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block]) => block);
    expect(blocks).toContain(read('apps/wire/src/lines.ts'));
  });

  it.each(documents)('links in %s only to what is there', (document) => {
    const targets = [...read(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) =>
      target.replace(/#.*$/, ''),
    );
    const files = targets.filter((target) => target !== '' && !/^[a-z]+:/.test(target));
    expect(files.filter((file) => !existsSync(join(root, dirname(document), file)))).toEqual([]);
  });

  it('lists the codes that errors have', () => {
    const [union] = /GatewayErrorCode =[^;]*;/.exec(read('libs/core/src/errors.ts'))!;
    const codes = [...union.matchAll(/'(\w+)'/g)].map(([, code]) => code);
    const listed = [...read('libs/core/README.md').matchAll(/`([A-Z]+_[A-Z_]+)`/g)].map(([, code]) => code);
    expect(new Set(listed)).toEqual(new Set(codes));
  });
});
