import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { answering } from '../support/answering.js';
import { startNode } from '../support/child.js';
import { freePort, startUpstream } from '../support/port.js';
import { compile, installInto } from './support/consumer.js';
import { temporaryDirectory } from './support/directory.js';
import { read } from './support/project.js';

describe('the program of the README, in a project of its user', () => {
  const directory = temporaryDirectory();

  beforeAll(async () => {
    await installInto(directory);
    writeFileSync(join(directory, 'main.ts'), read('apps/quickstart/src/main.ts'));
  });

  it('compiles, runs, and goes when it is asked to', async () => {
    await expect(compile(directory, 'main.ts')).resolves.toBe('');

    const sessions = await startUpstream((_request, response) => response.end('{"user":1}'));
    const port = String(await freePort());
    const gateway = startNode([join(directory, 'main.js')], { PORT: port, SESSION_URL: sessions });
    const origin = `http://127.0.0.1:${port}`;
    await answering(`${origin}/health`, gateway);
    expect(await (await fetch(`${origin}/whoami`)).json()).toEqual({ user: 1 });
    expect((await fetch(`${origin}/health`)).status).toBe(200);

    gateway.process.kill('SIGTERM');
    expect(await gateway.exited).toEqual({ code: null, signal: 'SIGTERM' });
  });
});
