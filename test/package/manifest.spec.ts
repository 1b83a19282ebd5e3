import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packagesBehind, packagesOf } from './support/imports.js';
import { entryPoints, libs, manifest, root, sourcesOf, sourcesOfCommand } from './support/project.js';

/** What only some subpaths may make their user load: whoever imports another one never pays for it. */
const OWNERS: Record<string, string[]> = {
  '@nestjs/platform-fastify': ['the sallyport command'],
  '@nestjs/terminus': ['sallyport/health'],
  'path-to-regexp': ['sallyport/http-proxy'],
  '@nestjs/microservices': ['sallyport/json-rpc'],
  undici: ['sallyport/http-proxy', 'sallyport/json-rpc'],
  ws: ['sallyport/json-rpc'],
};

describe('the manifest', () => {
  const declared = new Set([manifest.name, ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })]);

  it.each(libs)('declares every package that libs/%s imports', (lib) => {
    const imported = sourcesOf(lib).flatMap((path) => packagesOf(join(root, path)));
    expect(imported.filter((name) => !declared.has(name))).toEqual([]);
  });

  it('declares every package that the command imports', () => {
    const imported = sourcesOfCommand().flatMap((path) => packagesOf(join(root, path)));
    expect(imported.filter((name) => !declared.has(name))).toEqual([]);
  });

  it('declares as dependencies only what is imported', () => {
    const sources = [...libs.flatMap(sourcesOf), ...sourcesOfCommand()];
    const imported = new Set(sources.flatMap((path) => packagesOf(join(root, path))));
    expect(Object.keys(manifest.dependencies ?? {}).filter((name) => !imported.has(name))).toEqual([]);
  });

  it('gives every lib a subpath, and every subpath a lib', () => {
    const subpaths = entryPoints.map(({ specifier }) => specifier.split('/')[1] ?? 'core');
    expect(subpaths.toSorted()).toEqual(libs.toSorted());
  });

  it.each(entryPoints)('has types and code behind $specifier', (entry) => {
    expect([entry.types, entry.default].filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('leaves no optional peer to chance', () => {
    const optional = Object.keys(manifest.peerDependenciesMeta ?? {});
    expect(optional.filter((name) => !manifest.peerDependencies[name] || !OWNERS[name])).toEqual([]);
  });

  it.each(entryPoints)(
    'keeps what other subpaths need out of the types and the code of $specifier',
    ({ specifier }) => {
      const named = [...packagesBehind(specifier, 'types'), ...packagesBehind(specifier, 'default')];
      expect(named.filter((name) => !(OWNERS[name] ?? [specifier]).includes(specifier))).toEqual([]);
    },
  );
});
