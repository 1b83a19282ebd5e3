import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifest, run } from './project.js';
import { pack } from './tarball.js';

const NEST = ['@nestjs/common', '@nestjs/core', '@nestjs/platform-fastify', 'reflect-metadata', 'rxjs'];
const COMPILER = ['typescript', '@types/node'];

/** A user's project: the packed tarball beside Nest, and no optional peer. */
export async function installInto(directory: string): Promise<void> {
  const tarball = await pack(directory);
  const dependencies = { sallyport: `file:${tarball.path}`, ...versionsOf([...NEST, ...COMPILER]) };
  const project = { name: 'user', private: true, type: 'module', dependencies };
  writeFileSync(join(directory, 'package.json'), JSON.stringify(project));
  await run(directory, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error');
}

/** The versions we develop against. */
function versionsOf(names: string[]): Record<string, string | undefined> {
  return Object.fromEntries(names.map((name) => [name, manifest.devDependencies[name]]));
}

/** Runs one statement of ESM there. */
export function evaluate(directory: string, code: string): Promise<string> {
  return run(directory, process.execPath, '--input-type=module', '--eval', code);
}

/** Compiles a program there as a careful user would, our declarations included. */
export function compile(directory: string, file: string): Promise<string> {
  const checks = ['--strict', '--skipLibCheck', 'false', '--types', 'node'];
  const target = ['--module', 'nodenext', '--target', 'es2023', '--experimentalDecorators', '--emitDecoratorMetadata'];
  return run(directory, process.execPath, 'node_modules/typescript/bin/tsc', ...checks, ...target, file);
}
