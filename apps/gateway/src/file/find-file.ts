import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { BadFileError } from './gateway-file.js';

/** Where the file is looked for; the first that is there is the one. */
export function places(): string[] {
  return [
    './sallyport.yml',
    './sallyport.yaml',
    join(homedir(), '.sallyport.yml'),
    '/usr/local/etc/sallyport/sallyport.yml',
    '/etc/sallyport/sallyport.yml',
  ];
}

/** @throws BadFileError when there is none */
export function findFile(): string {
  const found = places().find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new BadFileError(
    `no configuration found; looked for\n  ${places().join('\n  ')}\nName one with --config FILE.`,
  );
}
