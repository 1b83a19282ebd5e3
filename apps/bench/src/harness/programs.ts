import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Program → the package of Debian that has it. */
const PACKAGES = { wrk: 'wrk', nginx: 'nginx-light' } as const;

export type Program = keyof typeof PACKAGES;

/** Shown as it is, without a stack: the reader installs something and starts again. */
export class MissingProgramsError extends Error {
  constructor(missing: readonly Program[]) {
    const packages = missing.map((program) => PACKAGES[program]).join(' ');
    super(`This suite needs ${missing.join(' and ')}, not installed here: apt-get install ${packages}`);
    this.name = 'MissingProgramsError';
  }
}

/** Rejects with one sentence about all that are missing. */
export async function requirePrograms(programs: readonly Program[]): Promise<void> {
  const paths = await Promise.all(programs.map(find));
  const missing = programs.filter((_, index) => paths[index] === undefined);
  if (missing.length > 0) throw new MissingProgramsError(missing);
}

/** The path of a program that is there. */
export async function pathOf(program: Program): Promise<string> {
  const path = await find(program);
  if (path === undefined) throw new MissingProgramsError([program]);
  return path;
}

async function find(program: Program): Promise<string | undefined> {
  // Debian keeps servers where only root's PATH points to.
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']) {
    const path = join(folder, program);
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  return undefined;
}
