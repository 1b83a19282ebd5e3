import { Agent, createServer, type RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { listen } from '../../harness/listen.js';
import type { Serve } from '../../harness/server.js';

/** Express brings no types of its own. */
const express = createRequire(import.meta.url)('express') as () => RequestListener & {
  use(middleware: unknown): void;
};

export const serve: Serve = async (upstream) => {
  const app = express();
  app.use(createProxyMiddleware({ target: upstream, changeOrigin: true, agent: new Agent({ keepAlive: true }) }));
  return { port: await listen(createServer(app)) };
};
