import { createServer, type RequestListener } from 'node:http';

/** An example service in a process of its own: it says when it is ready, and can be told to crash. */
export function serve(name: string, port: number, handle: RequestListener): void {
  const server = createServer((request, response) => {
    if (request.method === 'POST' && request.url === '/crash') response.end('gone\n', () => process.exit(1));
    else handle(request, response);
  });
  server.on('error', (error) => {
    console.error(`The ${name} service cannot listen on port ${port}: ${error.message}`);
    process.exit(1);
  });
  server.listen(port, '127.0.0.1', () => {
    console.log(`${name} service: pid ${process.pid}, http://127.0.0.1:${port}`);
    process.send?.('ready');
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));
}
