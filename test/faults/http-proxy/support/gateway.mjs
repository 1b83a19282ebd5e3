// A gateway in a process of its own: `GATEWAY` holds its options as JSON. A second, plain server tells how it is doing.
import 'reflect-metadata';
import { createServer } from 'node:http';
import { NestFactory } from '@nestjs/core';
import { GatewayModule, PoolRegistry } from 'sallyport';
import { httpProxy } from 'sallyport/http-proxy';

const { proxies, pools, port = 0, graceMs = 5_000 } = JSON.parse(process.env.GATEWAY);
const transport = httpProxy({ proxies, port });

const module = GatewayModule.forRoot({ service: 'gate', transports: [transport], pools, shutdown: { graceMs } });
const logger = ['warn', 'error', 'fatal'];
const app = await NestFactory.createApplicationContext(module, { logger });
app.enableShutdownHooks();

const state = createServer((_request, response) => {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  const maxRss = process.resourceUsage().maxRSS * 1024;
  response.end(JSON.stringify({ heapUsed, rss, maxRss, pools: app.get(PoolRegistry).snapshot() }));
});
state
  .unref()
  .listen(0, '127.0.0.1', () => console.log('gateway', transport.health().port, 'state', state.address().port));
