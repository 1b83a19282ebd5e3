import type { IncomingMessage, ServerResponse } from 'node:http';
import { serve } from './serve.js';

/** A JSON service with all that a gateway has to carry: answers, uploads, a stream without end, and slowness. */
const books = [
  { id: 1, title: 'The Castle' },
  { id: 2, title: 'The Trial' },
  { id: 3, title: 'Amerika' },
];

serve('books', Number(process.env.BOOKS_PORT ?? 4002), (request, response) => {
  const [path, query] = (request.url ?? '').split('?');
  if (request.method === 'POST') return echo(request, response);
  if (path === '/books') return json(response, 200, books);
  if (path === '/books/stream') return stream(response);
  if (path === '/books/slow')
    return void setTimeout(() => json(response, 200, books), Number(new URLSearchParams(query).get('ms')));
  const book = books.find(({ id }) => path === `/books/${id}`);
  json(response, book ? 200 : 404, book ?? { message: 'no such book' });
});

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(value)}\n`);
}

/** How much came, as it came: nothing of it is kept. */
function echo(request: IncomingMessage, response: ServerResponse): void {
  let bytes = 0;
  request.on('data', (chunk: Buffer) => (bytes += chunk.length));
  request.on('end', () => json(response, 201, { bytes }));
}

/** A line a second, as server-sent events. */
function stream(response: ServerResponse): void {
  let sent = 0;
  const send = (): boolean => response.write(`data: ${JSON.stringify(books[sent++ % books.length])}\n\n`);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  send();
  const timer = setInterval(send, 1_000);
  response.on('close', () => clearInterval(timer));
}
