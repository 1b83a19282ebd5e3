import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { HttpProxyEntrypoint } from '../http-proxy.entrypoint.js';
import { takeUpgrades } from './upgrade.js';

type Listener = (this: Server, request: IncomingMessage, response: ServerResponse) => void;

/**
 * Puts the proxy in front of the framework of the app: what matches never gets as far as its body parsers, its
 * middleware or its guards; what does not goes on as if nobody had looked.
 */
export function hookInto(server: Server, entrypoint: HttpProxyEntrypoint): void {
  const continues = takeOver(server, 'checkContinue', entrypoint);
  takeOver(server, 'request', entrypoint);
  if (continues === 0) {
    // Without a listener Node would have said `100 Continue` by itself.
    server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      if (entrypoint.accept(request, response)) return;
      response.writeContinue();
      server.emit('request', request, response);
    });
  }
  takeUpgrades(server, entrypoint);
}

interface FastifyLike {
  addHook(
    name: 'onRequest',
    hook: (request: { raw: IncomingMessage }, reply: { raw: ServerResponse; hijack(): void }, done: () => void) => void,
  ): unknown;
}

/** On `localhost` Fastify listens on each of its addresses, with servers that nobody but itself gets to see. */
export function hookIntoFastify(fastify: FastifyLike, entrypoint: HttpProxyEntrypoint): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (entrypoint.accept(request.raw, reply.raw)) reply.hijack();
    else done();
  });
}

/** How many listeners there were. */
function takeOver(server: Server, event: 'request' | 'checkContinue', entrypoint: HttpProxyEntrypoint): number {
  const others = server.listeners(event) as Listener[];
  if (others.length === 0) return 0;
  server.removeAllListeners(event);
  server.on(event, (request: IncomingMessage, response: ServerResponse) => {
    if (entrypoint.accept(request, response)) return;
    for (const listener of others) listener.call(server, request, response);
  });
  return others.length;
}
