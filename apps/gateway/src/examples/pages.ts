import { serve } from './serve.js';

/** A service as old as the keys of its proxy: HTML, and a cookie or two. */
const pages = new Map([
  ['index', 'Welcome'],
  ['about', 'Since 1996'],
]);

serve('pages', Number(process.env.PAGES_PORT ?? 4003), (request, response) => {
  const text = pages.get(/^\/(\w+)\.html$/.exec(request.url ?? '')?.[1] ?? '');
  response.setHeader('set-cookie', ['seen=yes', 'style=plain']);
  response.writeHead(text === undefined ? 404 : 200, { 'content-type': 'text/html' });
  response.end(`<h1>${text ?? 'No such page'}</h1>\n`);
});
