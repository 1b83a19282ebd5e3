import proxy from '@fastify/http-proxy';
import { fastify } from 'fastify';
import { listen } from '../../harness/listen.js';
import type { Serve } from '../../harness/server.js';

export const serve: Serve = async (upstream) => {
  const app = fastify();
  await app.register(proxy, { upstream });
  await app.ready();
  return { port: await listen(app.server) };
};
