import { join } from 'node:path';
import { root, run } from './project.js';

export interface Tarball {
  path: string;
  files: string[];
}

/** What `npm publish` would send. Scripts are off: the build has been run, and running it again would hide a stale one. */
export async function pack(directory: string): Promise<Tarball> {
  const output = await run(root, 'npm', 'pack', '--ignore-scripts', '--json', '--pack-destination', directory);
  const [packed] = JSON.parse(output) as [{ filename: string; files: { path: string }[] }];
  return { path: join(directory, packed.filename), files: packed.files.map(({ path }) => path) };
}
