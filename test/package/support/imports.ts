import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { entryPoints, root } from './project.js';

/** What a file asks for by any kind of import, type imports and references included. */
function specifiersOf(path: string): string[] {
  const { importedFiles, typeReferenceDirectives } = ts.preProcessFile(readFileSync(path, 'utf8'), true, true);
  return [...importedFiles, ...typeReferenceDirectives].map((reference) => reference.fileName);
}

/** `@nestjs/core` of `@nestjs/core/x`, `rxjs` of `rxjs/operators`. */
const packageOf = (specifier: string) => /^(@[^/]+\/)?[^/]+/.exec(specifier)![0];

/** The packages a file names. */
export function packagesOf(path: string): string[] {
  const bare = specifiersOf(path).filter((specifier) => !specifier.startsWith('.') && !isBuiltin(specifier));
  return [...new Set(bare.map(packageOf))];
}

/** The packages named by whatever a user of `specifier` makes TypeScript read, or Node. */
export function packagesBehind(specifier: string, side: 'types' | 'default'): string[] {
  const packages = new Set<string>();
  const files = new Set<string>();
  const visit = (path: string) => {
    if (files.has(path)) return;
    files.add(path);
    packagesOf(path).forEach((name) => packages.add(name));
    for (const next of specifiersOf(path)) {
      const file = side === 'types' ? next.replace(/\.js$/, '.d.ts') : next;
      if (file.startsWith('.')) visit(join(dirname(path), file));
      else if (entryPoints.some((entry) => entry.specifier === next)) visit(behind(next, side));
    }
  };
  visit(behind(specifier, side));
  return [...packages];
}

/** The file behind a public specifier. */
export function behind(specifier: string, side: 'types' | 'default'): string {
  return join(root, entryPoints.find((entry) => entry.specifier === specifier)![side]);
}
