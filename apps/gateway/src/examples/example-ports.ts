import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where everything that `npm start` starts listens, and the variable that moves it. */
const PORTS = {
  gateway: { usual: 9654, variable: 'GATEWAY_PORT' },
  quickstart: { usual: 3000, variable: 'PORT' },
  session: { usual: 4001, variable: 'SESSION_PORT' },
  books: { usual: 4002, variable: 'BOOKS_PORT' },
  pages: { usual: 4003, variable: 'PAGES_PORT' },
};

type Name = keyof typeof PORTS;

const IN_THE_FILE = /(?<=^port: |127\.0\.0\.1:)\d+/gm;

export function portOf(name: Name): number {
  const { usual, variable } = PORTS[name];
  return Number(process.env[variable] ?? usual);
}

/** A sentence for each port that somebody else has. */
export async function portsInUse(): Promise<string[]> {
  const sentences: string[] = [];
  for (const [name, { variable }] of Object.entries(PORTS)) {
    const port = portOf(name as Name);
    if (await isTaken(port)) sentences.push(`port ${port}, for the ${name}, is in use; ${variable} moves it`);
  }
  return sentences;
}

async function isTaken(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
    await once(server.close(), 'close');
    return false;
  } catch {
    return true;
  }
}

/** The example as it is, or where a port was moved a copy that is gone when this process is. */
export function exampleFile(): string {
  const example = fileURLToPath(new URL('../../../../../apps/gateway/sallyport.yml', import.meta.url));
  const text = readFileSync(example, 'utf8');
  const moved = text.replaceAll(IN_THE_FILE, (port) => {
    const name = (Object.keys(PORTS) as Name[]).find((candidate) => PORTS[candidate].usual === Number(port));
    return name === undefined ? port : String(portOf(name));
  });
  if (moved === text) return relative('', example);
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  writeFileSync(join(directory, 'sallyport.yml'), moved);
  return join(directory, 'sallyport.yml');
}
