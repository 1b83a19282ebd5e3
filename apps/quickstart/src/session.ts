import { createServer } from 'node:http';

/** The service behind the gateway: who has this session? It can be told to crash. */
const users: Record<string, number> = { ada: 1, grace: 2 };
const port = Number(process.env.SESSION_PORT ?? 4001);

const server = createServer((request, response) => {
  if (request.method === 'POST' && request.url === '/crash') {
    response.end('gone\n', () => process.exit(1));
    return;
  }
  const session = /(?:^|;\s*)session=(\w+)/.exec(request.headers.cookie ?? '')?.[1];
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ user: (session && users[session]) ?? null }));
});

server.on('error', (error) => {
  console.error(`The session service cannot listen on port ${port}: ${error.message}`);
  process.exit(1);
});
server.listen(port, '127.0.0.1', () => {
  console.log(`session service: pid ${process.pid}, http://127.0.0.1:${port}/session`);
  process.send?.('ready');
});

for (const signal of ['SIGINT', 'SIGTERM', 'disconnect']) process.on(signal, () => process.exit(0));
