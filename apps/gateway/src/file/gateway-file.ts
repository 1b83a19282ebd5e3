import { readFileSync } from 'node:fs';
import { frameworkProblems } from './framework-checks.js';
import { hiddenHealth } from './hidden-health.js';
import type { Problem } from './problem.js';
import { readSettings, type Settings } from './settings.js';
import { YamlSource } from './yaml-source.js';

/** A file that passed. */
export interface GatewayFile {
  path: string;
  settings: Settings;
  /** One line each, with the place in the file. */
  warnings: string[];
}

/** What is wrong with the file: everything, a line each, in the order of the file. */
export class BadFileError extends Error {
  override readonly name = 'BadFileError';
}

/** @throws BadFileError */
export async function loadGatewayFile(path: string): Promise<GatewayFile> {
  const source = new YamlSource(textOf(path));
  if (source.problems.length > 0)
    throw new BadFileError(source.problems.map((problem) => line(path, problem)).join('\n'));
  const { settings, problems, warnings, renamed } = readSettings(source.value);
  problems.push(...(await frameworkProblems(settings, renamed)));
  const lines = describe(path, problems, source);
  if (lines.length > 0) throw new BadFileError(lines.join('\n'));
  const hidden = hiddenHealth(settings).map((problem) => ({
    ...problem,
    path: renamed.get(problem.path) ?? problem.path,
  }));
  return { path, settings, warnings: describe(path, [...warnings, ...hidden], source) };
}

function textOf(path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    throw new BadFileError(`${path}: ${reasonOf(error as NodeJS.ErrnoException)}`, { cause: error });
  }
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  const reasons: Record<string, string> = {
    ENOENT: 'there is no such file',
    EISDIR: 'is a directory',
    EACCES: 'must not be read by this user',
    ERR_ENCODING_INVALID_ENCODED_DATA: 'is not UTF-8 text',
  };
  return reasons[code ?? ''] ?? `cannot be read: ${message}`;
}

/** One for each path: what came of a value that is wrong already says nothing new. */
function describe(path: string, problems: Problem[], source: YamlSource): string[] {
  const first = problems.filter(
    (problem, index) => problems.findIndex((other) => other.path === problem.path) === index,
  );
  return first
    .map((problem) => ({ ...problem, ...source.placeOf(problem) }))
    .toSorted((a, b) => a.line - b.line || a.column - b.column)
    .map((problem) => line(path, problem));
}

function line(file: string, at: { line: number; column: number; path?: string; message: string }): string {
  const where = at.path ? `${at.path}: ` : '';
  return `${file}:${at.line}:${at.column} ${where}${at.message}`;
}
