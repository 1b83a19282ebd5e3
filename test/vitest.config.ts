import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));
const decorators = { decorator: { legacy: true, emitDecoratorMetadata: true } };
const source = ['sallyport:source', 'module', 'node', 'import', 'default'];

/**
 * `unit` reads the sources; `e2e` and `package` run on `dist`, the thing users get.
 * Forks, not threads: native sockets abort a worker thread that is terminated.
 */
export default defineConfig({
  root,
  oxc: decorators,
  test: {
    root,
    pool: 'forks',
    projects: [
      {
        extends: true,
        resolve: { conditions: source },
        ssr: { resolve: { conditions: source } },
        test: { name: 'unit', include: ['libs/*/src/**/*.spec.ts'], setupFiles: ['reflect-metadata'] },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/{e2e,faults,conformance}/**/*.spec.ts'],
          setupFiles: ['reflect-metadata'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'package',
          include: ['test/package/**/*.spec.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
});
