import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startNode, type Child } from '../../support/child.js';
import { freePort } from '../../support/port.js';
import { temporaryDirectory } from './support/file.js';

const START = ['dist/apps/gateway/src/examples/start.js'];
const NAMES = ['GATEWAY_PORT', 'PORT', 'SESSION_PORT', 'BOOKS_PORT', 'PAGES_PORT'];

/** On ports of its own, with a directory for what it writes that is gone when the test is. */
function npmStart(ports: Record<string, string>): Child {
  return startNode(START, { ...ports, TMPDIR: temporaryDirectory() });
}

async function freePorts(): Promise<Record<string, string>> {
  const ports: Record<string, string> = {};
  for (const name of NAMES) ports[name] = String(await freePort());
  return ports;
}

/** Resolves when nobody listens on any of them. */
async function silence(ports: Record<string, string>): Promise<void> {
  for (const port of Object.values(ports)) while (await listens(port)) await pause(20);
}

/** Without a request: one that keeps asking would keep a server from going. */
async function listens(port: string): Promise<boolean> {
  const socket = connect(Number(port), '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

describe('npm start', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('leaves nothing behind on %s', async (signal) => {
    const ports = await freePorts();
    const start = npmStart(ports);
    await start.prints(/see how it takes it/);
    const [, copy = ''] = /\((\/.*\.yml)\)/.exec(start.output())!;
    expect(existsSync(copy)).toBe(true);
    start.process.kill(signal);
    expect(await start.exited).toEqual({ code: 0, signal: null });
    expect(await Promise.all(Object.values(ports).map(listens))).toEqual(NAMES.map(() => false));
    expect(start.output()).not.toContain('is gone');
    expect(existsSync(copy)).toBe(false);
  });

  it('leaves nothing behind when it is killed', async () => {
    const ports = await freePorts();
    const start = npmStart(ports);
    await start.prints(/see how it takes it/);
    start.process.kill('SIGKILL');
    await start.exited;
    await expect(silence(ports)).resolves.toBeUndefined();
  });

  it.each([
    ['GATEWAY_PORT', 'gateway'],
    ['PORT', 'quickstart'],
    ['SESSION_PORT', 'session'],
    ['BOOKS_PORT', 'books'],
    ['PAGES_PORT', 'pages'],
  ])('ends with a clear sentence, and starts nothing, when somebody has %s', async (variable, name) => {
    const ports = await freePorts();
    const port = ports[variable]!;
    const somebody = createServer().listen(Number(port), '127.0.0.1');
    onTestFinished(() => void somebody.close());
    await once(somebody, 'listening');
    const start = npmStart(ports);
    expect(await start.exited).toEqual({ code: 1, signal: null });
    expect(start.output()).toBe(`port ${port}, for the ${name}, is in use; ${variable} moves it\n`);
  });

  it('ends all of it when one of it cannot start', async () => {
    const ports = await freePorts();
    const start = npmStart({ ...ports, BOOKS_PORT: ports['SESSION_PORT']! });
    expect(await start.exited).toEqual({ code: 1, signal: null });
    expect(start.output()).toContain(`service cannot listen on port ${ports['SESSION_PORT']}`);
    expect(start.output()).not.toContain('see how it takes it');
    expect(await Promise.all(Object.values(ports).map(listens))).toEqual(NAMES.map(() => false));
  });
});
