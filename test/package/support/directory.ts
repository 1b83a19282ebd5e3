import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A directory of the spec file that asks, outside the repository: nothing in it resolves to our own node_modules. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'sallyport-package-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
