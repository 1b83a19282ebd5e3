import type { AddressInfo } from 'node:net';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { GatewayModule } from 'sallyport';
import { HealthModule } from 'sallyport/health';
import { httpProxy } from 'sallyport/http-proxy';
import type { Settings } from './file/settings.js';

const NO_SUCH_PATH = { code: 404, message: 'no such path.', errors: [] };

const LISTEN_ERRORS: Record<string, string> = {
  EADDRINUSE: 'it is in use',
  EACCES: 'this user may not',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'there is no such host',
};

interface Reply {
  code(status: number): { send(body: object): unknown };
}

@Module({})
class GatewayAppModule {
  static of({ gateway, health, proxies }: Settings): DynamicModule {
    const transports = [httpProxy({ proxies })];
    const imports = [
      GatewayModule.forRoot({ ...gateway, transports }),
      ...(health === false ? [] : [HealthModule.forRoot(health)]),
    ];
    return { module: GatewayAppModule, imports };
  }
}

/** Resolves with its origin when it answers. @throws Error in one sentence; then nothing of it is left running */
export async function startGateway(settings: Settings): Promise<string> {
  const { host, port } = settings;
  // What goes wrong until it listens is said once, by whoever asked for the start.
  const app = await NestFactory.create<NestFastifyApplication>(GatewayAppModule.of(settings), adapter(), {
    logger: false,
    abortOnError: false,
  });
  try {
    await app.listen(port, host);
  } catch (error) {
    await app.close();
    throw asSentence(error as NodeJS.ErrnoException, settings);
  }
  app.useLogger(['error', 'warn']);
  // As the first process of a container it would survive its own signal.
  app.enableShutdownHooks([], { useProcessExit: true });
  return originOf(app.getHttpServer().address() as AddressInfo, host);
}

/** Proxied requests never come here: what does is a probe, or nothing. */
function adapter(): FastifyAdapter {
  const fastify = new FastifyAdapter({
    frameworkErrors: (_error: unknown, _request: unknown, reply: unknown) => noSuchPath(reply as Reply),
  });
  // Behind the hooks in which the proxy takes what is its own, and ahead of the body parsers, which would say 415.
  fastify.getInstance().addHook('preParsing', (request, reply, _payload, next) => {
    if (request.is404) noSuchPath(reply);
    else next();
  });
  return fastify;
}

function noSuchPath(reply: Reply): void {
  reply.code(404).send(NO_SUCH_PATH);
}

function asSentence(error: NodeJS.ErrnoException, { host, port }: Settings): Error {
  const reason = LISTEN_ERRORS[error.code ?? ''];
  return reason === undefined
    ? error
    : new Error(`cannot listen on port ${port} of ${host}: ${reason}`, { cause: error });
}

function originOf({ port }: AddressInfo, host: string): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
