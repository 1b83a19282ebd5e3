import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { startNode, type Child } from '../../support/child.js';
import { needProgram } from '../../support/programs.js';
import { freePort } from '../../support/port.js';

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
const run = promisify(execFile);

interface Step {
  command: string;
  printed: string;
}

/** The console sessions of the README: what is typed, and what it says is printed. */
const blocks = consoleBlocks();

function consoleBlocks(): Step[][] {
  const texts = [...readme.matchAll(/```console\n([\s\S]*?)```/g)].map(([, text]) => text!);
  return texts.map((text) =>
    text
      .split(/^\$ /m)
      .slice(1)
      .map((part) => ({ command: part.slice(0, part.indexOf('\n')), printed: part.slice(part.indexOf('\n') + 1) })),
  );
}

/** `npm start` on ports of its own, and a terminal beside it in which the README is typed. */
class Terminal {
  private constructor(
    readonly start: Child,
    readonly env: Record<string, string>,
    private readonly moved: Map<string, string>,
  ) {}

  static async open(): Promise<Terminal> {
    const usual = { GATEWAY_PORT: 9654, PORT: 3000, SESSION_PORT: 4001, BOOKS_PORT: 4002, PAGES_PORT: 4003 };
    const [env, moved] = [{} as Record<string, string>, new Map<string, string>()];
    for (const [name, port] of Object.entries(usual)) {
      env[name] = String(await freePort());
      moved.set(`127.0.0.1:${port}`, `127.0.0.1:${env[name]}`);
    }
    const start = startNode(['dist/apps/gateway/src/examples/start.js'], env);
    onTestFinished(async () => {
      start.process.kill('SIGTERM');
      await start.exited;
    });
    await start.prints(/see how it takes it/);
    return new Terminal(start, env, moved);
  }

  /** What is printed. */
  async type(command: string): Promise<string> {
    return (await run('bash', ['-c', command])).stdout.trimEnd();
  }

  /** A block of the README, as it is in this terminal. */
  read(block: Step[]): Step[] {
    return block.map(({ command, printed }) => ({
      command: this.here(command),
      printed: this.here(printed).trimEnd(),
    }));
  }

  /** Types its commands; what it gives is the block as it should have been written. */
  async follow(block: Step[]): Promise<Step[]> {
    const steps: Step[] = [];
    for (const { command } of block) steps.push({ command, printed: await this.type(command) });
    return steps;
  }

  /** Types the first command until it prints what it should. */
  async wait([first]: Step[]): Promise<void> {
    while ((await this.type(first!.command)) !== first!.printed) await pause(50);
  }

  private here(text: string): string {
    return [...this.moved].reduce((moved, [usual, port]) => moved.replaceAll(usual, port), text);
  }
}

beforeAll(async () => {
  for (const tool of ['bash', 'curl']) await needProgram(tool);
});

it('does what the README prints, from the first curl to the closed circuit', async () => {
  const terminal = await Terminal.open();
  const [healthy, broken, mended] = blocks.slice(0, 3).map((block) => terminal.read(block));
  expect(await terminal.follow(healthy!)).toEqual(healthy);
  expect(await terminal.follow(broken!)).toEqual(broken);
  await terminal.start.prints(/npm run start:session/);
  const session = startNode(['dist/apps/quickstart/src/session.js'], terminal.env);
  await session.prints(/session service: pid/);
  await terminal.wait(mended!);
  expect(await terminal.follow(mended!)).toEqual(mended);
});

it('does what the README prints, from the first route to the service that is back', async () => {
  const terminal = await Terminal.open();
  const [through, streamed, gone, back] = blocks.slice(3).map((block) => terminal.read(block));
  expect(await terminal.follow(through!)).toEqual(through);
  expect(await terminal.follow(streamed!)).toEqual(streamed);
  expect(await terminal.follow(gone!)).toEqual(gone);
  await terminal.start.prints(/npm run start:books/);
  const books = startNode(['dist/apps/gateway/src/examples/books.js'], terminal.env);
  await books.prints(/books service: pid/);
  await terminal.wait(back!);
  expect(await terminal.follow(back!)).toEqual(back);
});
