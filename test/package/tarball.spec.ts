import { readFileSync } from 'node:fs';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from './support/directory.js';
import { binary, libs, manifest, run, sourcesOf, sourcesOfCommand } from './support/project.js';
import { pack, type Tarball } from './support/tarball.js';

describe('the tarball', () => {
  const directory = temporaryDirectory();
  let tarball: Tarball;

  beforeAll(async () => {
    tarball = await pack(directory);
  });

  it('holds the libs, built and as source, the command and the four documents', () => {
    const libFiles = libs.flatMap(sourcesOf).flatMap((source) => [source, ...builtFrom(source)]);
    const command = sourcesOfCommand().flatMap(builtFrom);
    const documents = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md'];
    expect(tarball.files.toSorted()).toEqual([...libFiles, ...command, ...documents].toSorted());
  });

  it('has nothing for publint to say', async () => {
    const { messages, pkg } = await publint({ pack: { tarball: await archive(tarball) }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  it('has types that every ESM resolution finds', async () => {
    const options = ['--profile', 'esm-only', '--no-definitely-typed', '--no-color'];
    await expect(run(directory, binary('attw'), tarball.path, ...options)).resolves.toContain(manifest.name);
  });
});

function builtFrom(source: string): string[] {
  const built = `dist/${source.replace(/\.ts$/, '')}`;
  return [`${built}.js`, `${built}.js.map`, `${built}.d.ts`];
}

async function archive(tarball: Tarball): Promise<ArrayBuffer> {
  return new Uint8Array(readFileSync(tarball.path)).buffer;
}
