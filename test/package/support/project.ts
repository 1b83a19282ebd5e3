import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface Manifest {
  name: string;
  dependencies?: Record<string, string>;
  peerDependencies: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional: boolean }>;
  devDependencies: Record<string, string>;
  exports: Record<string, string | { types: string; default: string }>;
}

export const root = fileURLToPath(new URL('../../..', import.meta.url));
export const read = (path: string): string => readFileSync(join(root, path), 'utf8');
export const manifest = JSON.parse(read('package.json')) as Manifest;
export const libs = readdirSync(join(root, 'libs'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

/** For the libs of this package alone. */
const PRIVATE = './internal';

/** What stands behind each public specifier: `sallyport`, `sallyport/health` … */
export const entryPoints = Object.entries(manifest.exports).flatMap(([subpath, target]) =>
  typeof target === 'string' || subpath === PRIVATE
    ? []
    : [{ specifier: subpath.replace('.', manifest.name), ...target }],
);

/** The non-spec sources of a lib, relative to the root. */
export function sourcesOf(lib: string): string[] {
  return sourcesIn(`libs/${lib}/src`);
}

/** Those of the `sallyport` command. */
export function sourcesOfCommand(): string[] {
  return sourcesIn('apps/gateway/src').filter((path) => !path.includes('/examples/'));
}

function sourcesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.spec.ts'))
    .map((path) => `${folder}/${path}`);
}

/** Rejects, with all of its output, where the program does not end with 0. */
export async function run(cwd: string, program: string, ...args: string[]): Promise<string> {
  const running = promisify(execFile)(program, args, { cwd, maxBuffer: 2 ** 26 });
  const { stdout } = await running.catch((error) => {
    error.message += error.stdout;
    throw error;
  });
  return stdout;
}

/** A program from our own node_modules. */
export const binary = (name: string): string => join(root, 'node_modules/.bin', name);
