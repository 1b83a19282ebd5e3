import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { loadGatewayFile, type GatewayFile } from '../../../../apps/gateway/src/file/gateway-file.js';

export const PROXY = `
  - name: books
    match: /books/*rest
    upstream: http://127.0.0.1:1
`;

/** A file of one right proxy, from line 2 on, whose further keys begin in line 5. */
export function proxyWith(...lines: string[]): string {
  return `proxies:${PROXY}${lines.map((line) => `    ${line}\n`).join('')}`;
}

/** A directory that is gone when the test is. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** `sallyport.yml` with that text, in a directory of its own. */
export function writeFile(text: string | Uint8Array): string {
  const path = join(temporaryDirectory(), 'sallyport.yml');
  writeFileSync(path, text);
  return path;
}

export function load(text: string): Promise<GatewayFile> {
  return loadGatewayFile(writeFile(text));
}

/** What is wrong with it, line by line, each from `line:column` on. */
export async function problemsIn(text: string | Uint8Array): Promise<string[]> {
  const path = writeFile(text);
  const error = await loadGatewayFile(path).then(
    () => new Error('nothing is wrong with it'),
    (refused: Error) => refused,
  );
  return error.message.split('\n').map((line) => line.replace(`${path}:`, ''));
}
