import { fork } from 'node:child_process';
import { once } from 'node:events';

let started = false;

/** `npm start`: the session service in a process of its own, and the gateway in this one. */
const session = fork(new URL('./session.js', import.meta.url));
session.once('exit', (code) => {
  if (!started) process.exit(code ?? 1);
  console.log('The session service is gone: whoami answers null now. Start it again with\n  npm run start:session');
});

await once(session, 'message');
await import('./main.js');
started = true;

const gateway = `http://127.0.0.1:${process.env.PORT ?? 3000}`;
console.log(`gateway:         pid ${process.pid}, try

  curl ${gateway}/whoami -H 'cookie: session=ada'
  curl ${gateway}/health
  curl -X POST http://127.0.0.1:${process.env.SESSION_PORT ?? 4001}/crash
`);
