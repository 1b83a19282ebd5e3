import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from './support/directory.js';
import { binary, root } from './support/project.js';

const IMPORTS = 'eslint(no-restricted-imports)';
const imports = (...specifiers: string[]) => specifiers.map((from) => `export * from '${from}';\n`).join('');

const REFUSED: [what: string, rule: string, path: string, text: string][] = [
  ['core importing the package it is', IMPORTS, 'libs/core/src/a.ts', imports('sallyport')],
  ['core importing another lib', IMPORTS, 'libs/core/src/b.ts', imports('sallyport/testing')],
  ['core importing microservices', IMPORTS, 'libs/core/src/c.ts', imports('@nestjs/microservices')],
  ['core importing a driver', IMPORTS, 'libs/core/src/d.ts', imports('zeromq')],
  ['core importing a driver for its types', IMPORTS, 'libs/core/src/e.ts', "export type { A } from 'amqplib';\n"],
  ['opossum in core, outside the pools', IMPORTS, 'libs/core/src/f.ts', imports('opossum')],
  ['opossum in another file of the pools', IMPORTS, 'libs/core/src/pools/a.ts', imports('opossum')],
  ['Nest in the pools', IMPORTS, 'libs/core/src/pools/b.ts', imports('@nestjs/common')],
  ['Nest in the breaker', IMPORTS, 'libs/core/src/pools/breaker.ts', imports('@nestjs/core')],
  ['the package itself in the pools', IMPORTS, 'libs/core/src/pools/c.ts', imports('sallyport')],
  ['a lib importing a transport', IMPORTS, 'libs/metrics/src/a.ts', imports('sallyport/amqp')],
  ['a transport importing a transport', IMPORTS, 'libs/amqp/src/a.ts', imports('sallyport/json-rpc')],
  [
    'a lib importing a transport late',
    IMPORTS,
    'libs/metrics/src/b.ts',
    "export const a = import('sallyport/amqp');\n",
  ],
  ['opossum in another lib', IMPORTS, 'libs/metrics/src/c.ts', imports('opossum')],
  ['a spec importing a transport', IMPORTS, 'libs/metrics/src/d.spec.ts', imports('sallyport/amqp')],
  ['a spec of core importing the package', IMPORTS, 'libs/core/src/g.spec.ts', imports('sallyport')],
  ['Nest in a spec of the pools', IMPORTS, 'libs/core/src/pools/e.spec.ts', imports('@nestjs/testing')],
  ['a climb out of src in a spec', IMPORTS, 'libs/core/src/pools/f.spec.ts', imports('../../../health/src/index.js')],
  ['a climb out of src', IMPORTS, 'libs/health/src/a.ts', imports('../../core/src/index.js')],
  ['a climb out of src from a folder', IMPORTS, 'libs/core/src/pools/d.ts', imports('../../../health/src/index.js')],
  ['a parent of src', 'import(no-relative-parent-imports)', 'libs/health/src/b.ts', imports('../package.js')],
  ['a deep path of Nest', IMPORTS, 'libs/health/src/c.ts', imports('@nestjs/core/router/router-module.js')],
  ['an internal path', IMPORTS, 'libs/health/src/d.ts', imports('rxjs/internal/Observable')],
  ['a deep path of Nest in an app', IMPORTS, 'apps/x/src/a.ts', imports('@nestjs/common/internal')],
  ['an app importing a lib by its path', IMPORTS, 'apps/x/src/b.ts', imports('../../../libs/core/src/index.js')],
  ['a test importing a lib by its path', IMPORTS, 'test/e2e/a.spec.ts', imports('../../libs/core/src/index.js')],
  [
    'a test importing the build by its path',
    IMPORTS,
    'test/e2e/b.spec.ts',
    imports('../../dist/libs/core/src/index.js'),
  ],
  ['a cycle', 'import(no-cycle)', 'libs/health/src/e.ts', "import { f } from './f.js';\nexport const e = () => f;\n"],
  [
    'its other half',
    'import(no-cycle)',
    'libs/health/src/f.ts',
    "import { e } from './e.js';\nexport const f = () => e;\n",
  ],
  ['a default export', 'import(no-default-export)', 'apps/x/src/c.ts', 'export default 1;\n'],
  ['console in a lib', 'eslint(no-console)', 'libs/health/src/g.ts', "console.log('a');\n"],
  ['any', 'typescript(no-explicit-any)', 'libs/health/src/h.ts', 'export const a: any = 1;\n'],
  ['a floating promise', 'typescript(no-floating-promises)', 'libs/health/src/i.ts', 'Promise.resolve();\n'],
  ['a long file', 'eslint(max-lines)', 'libs/health/src/j.ts', 'export {};\n'.repeat(301)],
  ['a long function', 'eslint(max-lines-per-function)', 'apps/x/src/d.ts', long('export function a() {', '}')],
];

const ACCEPTED: [path: string, text: string][] = [
  [
    'libs/core/src/good.ts',
    imports('./call.js', './pools/good.js', '@nestjs/common', '@nestjs/core', 'node:fs/promises'),
  ],
  ['libs/core/src/good.spec.ts', imports('./good.js', 'vitest', '@nestjs/testing', 'sallyport/testing')],
  ['libs/core/src/pools/good.spec.ts', imports('./good.js', 'fast-check', 'sallyport/testing')],
  ['libs/health/src/good.spec.ts', imports('./good.js', 'sallyport', 'sallyport/testing')],
  [
    'libs/core/src/commands/good.ts',
    imports('../call.js', './command.js', 'rxjs', '@standard-schema/spec', 'node:events'),
  ],
  ['libs/core/src/pools/good.ts', imports('../errors.js', './bulkhead.js', 'node:perf_hooks', 'rxjs')],
  ['libs/amqp/src/good.ts', imports('sallyport', './amqp.options.js', 'amqplib', '@nestjs/microservices', 'node:tls')],
  ['apps/x/src/good.ts', imports('sallyport', 'sallyport/amqp', './module.js', '@nestjs/core')],
  ['test/e2e/good.spec.ts', imports('sallyport', 'sallyport/testing', '../support/app.js')],
  ['test/e2e/long.spec.ts', long('export function a() {', '}')],
  ['test/vitest.config.ts', 'export default 1;\n'],
];

function long(first: string, last: string): string {
  return `${first}\n${'  void 0;\n'.repeat(51)}${last}\n`;
}

describe('the linter', () => {
  const directory = temporaryDirectory();
  let found: { filename: string; code: string }[];

  beforeAll(() => {
    copyFileSync(join(root, '.oxlintrc.json'), join(directory, '.oxlintrc.json'));
    writeFileSync(join(directory, 'tsconfig.json'), '{ "compilerOptions": { "module": "nodenext", "strict": true } }');
    for (const [path, text] of [...REFUSED.map(([, , ...file]) => file), ...ACCEPTED]) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
    found = lint(directory);
  });

  it.each(REFUSED)('refuses %s', (_, rule, path) => {
    expect(found.filter(({ filename }) => filename === path).map(({ code }) => code)).toContain(rule);
  });

  it.each(ACCEPTED)('has nothing against %s', (path) => {
    expect(found.filter(({ filename }) => filename === path)).toEqual([]);
  });
});

function lint(directory: string): { filename: string; code: string }[] {
  // oxlint looks for tsgolint in the working directory, where there is none.
  const env = { ...process.env, OXLINT_TSGOLINT_PATH: binary('tsgolint') };
  const options = { cwd: directory, env, encoding: 'utf8', maxBuffer: 2 ** 26 } as const;
  const { stdout } = spawnSync(binary('oxlint'), ['--type-aware', '--format', 'json'], options);
  return JSON.parse(stdout).diagnostics;
}
