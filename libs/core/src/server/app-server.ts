import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { HttpAdapterHost } from '@nestjs/core';
import { ConfigurationError } from '../errors.js';
import type { HttpFront } from './http-front.js';
import { takeUpgrades } from './upgrade.js';

type Listener = (this: Server, request: IncomingMessage, response: ServerResponse) => void;

/**
 * Stands in front of the framework of the app: what is for `front` never gets as far as its body parsers, its
 * middleware or its guards; what is not goes on as if nobody had looked. `factory` makes the transport, for messages.
 *
 * @throws ConfigurationError where the app has no server, or one that speaks HTTP/2
 */
export function hookIntoApp({ httpAdapter }: HttpAdapterHost, front: HttpFront, factory: string): void {
  const server = (httpAdapter as HttpAdapterHost['httpAdapter'] | undefined)?.getHttpServer() as Server | undefined;
  const message =
    server === undefined
      ? `is required in an app without an HTTP server: ${factory}({ port })`
      : `is required where the server of the app speaks HTTP/2: ${factory}({ port })`;
  if (server === undefined || !('closeIdleConnections' in server))
    throw new ConfigurationError([{ path: `${factory}.port`, message }]);
  hookInto(server, front);
  if (httpAdapter.getType() === 'fastify') hookIntoFastify(httpAdapter.getInstance(), front);
}

function hookInto(server: Server, front: HttpFront): void {
  const continues = takeOver(server, 'checkContinue', front);
  takeOver(server, 'request', front);
  if (continues === 0) {
    // Without a listener Node would have said `100 Continue` by itself.
    server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      if (front.accept(request, response)) return;
      response.writeContinue();
      server.emit('request', request, response);
    });
  }
  takeUpgrades(server, front);
}

interface FastifyLike {
  addHook(
    name: 'onRequest',
    hook: (request: { raw: IncomingMessage }, reply: { raw: ServerResponse; hijack(): void }, done: () => void) => void,
  ): unknown;
}

/** On `localhost` Fastify listens on each of its addresses, with servers that nobody but itself gets to see. */
function hookIntoFastify(fastify: FastifyLike, front: HttpFront): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (front.accept(request.raw, reply.raw)) reply.hijack();
    else done();
  });
}

/** How many listeners there were. */
function takeOver(server: Server, event: 'request' | 'checkContinue', front: HttpFront): number {
  const others = server.listeners(event) as Listener[];
  if (others.length === 0) return 0;
  server.removeAllListeners(event);
  server.on(event, (request: IncomingMessage, response: ServerResponse) => {
    if (front.accept(request, response)) return;
    for (const listener of others) listener.call(server, request, response);
  });
  return others.length;
}
