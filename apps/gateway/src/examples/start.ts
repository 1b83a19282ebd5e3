import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { exampleFile, portOf, portsInUse } from './example-ports.js';

/** Something to start, and how somebody starts it again who has killed it. */
interface Program {
  name: string;
  module: string;
  args?: string[];
  again: string;
  /** Answers when it is ready; without it, the program says so itself. */
  probe?: string;
}

const gateway = `http://127.0.0.1:${portOf('gateway')}`;
const quickstart = `http://127.0.0.1:${portOf('quickstart')}`;
const config = exampleFile();

const PROGRAMS: Program[] = [
  { name: 'session service', module: '../../../quickstart/src/session.js', again: 'npm run start:session' },
  { name: 'books service', module: './books.js', again: 'npm run start:books' },
  { name: 'pages service', module: './pages.js', again: 'node dist/apps/gateway/src/examples/pages.js' },
  {
    name: 'quickstart',
    module: '../../../quickstart/src/main.js',
    again: 'node dist/apps/quickstart/src/main.js',
    probe: `${quickstart}/health/live`,
  },
  {
    name: 'gateway',
    module: '../main.js',
    args: ['--config', config],
    again: `node dist/apps/gateway/src/main.js --config ${config}`,
    probe: `${gateway}/health/live`,
  },
];

const SESSION_URL = process.env.SESSION_URL ?? `http://127.0.0.1:${portOf('session')}/session`;

/** `npm start`: the gateway of sallyport.yml and what is behind it, each in a process of its own. */
const children = new Set<ChildProcess>();
let leaving = false;

for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(signal, () => leave(0));
const taken = await portsInUse();
if (taken.length > 0) {
  console.error(taken.join('\n'));
  process.exitCode = 1;
} else {
  const started = await Promise.all(PROGRAMS.map(start));
  if (!started.includes(false)) sayWhatToTry();
}

/** Whether it is ready; false: it ended before. */
async function start({ name, module, args = [], again, probe }: Program): Promise<boolean> {
  const execArgv = ['--import', new URL('./with-parent.js', import.meta.url).href];
  const child = fork(new URL(module, import.meta.url), args, { execArgv, env: { ...process.env, SESSION_URL } });
  children.add(child);
  const ended = once(child, 'exit').then(() => children.delete(child));
  const ready = await Promise.race([
    ended.then(() => false),
    (probe === undefined ? once(child, 'message') : answers(probe, child)).then(() => true),
  ]);
  if (ready) void ended.then(() => leaving || console.log(`The ${name} is gone. Start it again with\n  ${again}`));
  else leave(1);
  return ready;
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null && child.signalCode === null) {
    const response = await fetch(url).catch(() => undefined);
    await response?.arrayBuffer();
    if (response !== undefined) return;
    await pause(50);
  }
}

/** Asked a second time, nobody is waited for. */
function leave(code: number): void {
  for (const child of children) child.kill(leaving && code === 0 ? 'SIGKILL' : 'SIGTERM');
  process.exitCode ??= code;
  leaving = true;
}

function sayWhatToTry(): void {
  console.log(`
Try

  curl ${gateway}/books
  curl -N ${gateway}/books/stream
  curl ${gateway}/pages/about
  curl ${gateway}/quickstart/whoami -H 'cookie: session=ada'
  curl ${gateway}/health

and see how it takes it when a service dies:

  curl -X POST http://127.0.0.1:${portOf('books')}/crash
`);
}
