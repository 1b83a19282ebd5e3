import { Agent, createServer, ServerResponse } from 'node:http';
import { createProxyServer } from 'http-proxy-3';
import { listen } from '../../harness/listen.js';
import type { Serve } from '../../harness/server.js';

export const serve: Serve = async (upstream) => {
  const proxy = createProxyServer({ target: upstream, agent: new Agent({ keepAlive: true }) });
  // Without a listener the first client that goes away ends the process.
  proxy.on('error', (_error, _request, response) => {
    if (response instanceof ServerResponse && !response.headersSent) response.writeHead(502).end();
  });
  return { port: await listen(createServer((request, response) => proxy.web(request, response))) };
};
