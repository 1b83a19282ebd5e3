import { describe, expect, it } from 'vitest';
import ts from 'typescript';
import { behind } from './support/imports.js';
import { entryPoints, read } from './support/project.js';

type Names = Record<string, 'value' | 'type'>;

const committed = JSON.parse(read('test/package/exports.json')) as Record<string, Names>;
const program = ts.createProgram(
  entryPoints.map(({ specifier }) => behind(specifier, 'types')),
  { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2023, types: ['node'] },
);

describe('the public names', () => {
  it('are listed for every subpath', () => {
    expect(Object.keys(committed)).toEqual(entryPoints.map(({ specifier }) => specifier));
  });

  it.each(entryPoints)('of $specifier are those of exports.json', async ({ specifier }) => {
    const values = Object.keys(await import(specifier));
    const types = declaredBy(specifier).filter((name) => !values.includes(name));
    const actual: Names = {
      ...Object.fromEntries(values.map((name) => [name, 'value'])),
      ...Object.fromEntries(types.map((name) => [name, 'type'])),
    };
    expect(actual).toEqual(committed[specifier]);
  });

  it.each(entryPoints)('of $specifier are all typed', async ({ specifier }) => {
    const declared = new Set(declaredBy(specifier));
    expect(Object.keys(await import(specifier)).filter((name) => !declared.has(name))).toEqual([]);
  });
});

function declaredBy(specifier: string): string[] {
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(behind(specifier, 'types'))!)!;
  return checker.getExportsOfModule(module).map((symbol) => symbol.name);
}
