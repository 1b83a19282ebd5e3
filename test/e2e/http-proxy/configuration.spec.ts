import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { GatewayModule, type ConfigurationError } from 'sallyport';
import { HttpProxy, HttpProxyCommand, httpProxy, type ProxyOptions } from 'sallyport/http-proxy';
import { describe, expect, it, onTestFinished } from 'vitest';

type HttpProxyOptions = Parameters<typeof httpProxy>[0];

/** What is wrong, or nothing. */
async function problems(
  options: unknown,
  providers: Type[] = [],
  service: string | undefined = 'gate',
): Promise<string> {
  try {
    const transports = [httpProxy(options as HttpProxyOptions)];
    @Module({ imports: [GatewayModule.forRoot({ service, transports })], providers })
    class AppModule {}
    const app = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
    await app.close();
    return 'nothing';
  } catch (error) {
    const { name, message } = error as ConfigurationError;
    return `${name}: ${message}`;
  }
}

const upstream = 'http://127.0.0.1:1';
const proxy = (options: unknown): object => ({ port: 0, proxies: [options] });

describe('an app does not start', () => {
  it('where its port is in use, and says so', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    expect(await problems({ port })).toBe(`ConfigurationError: httpProxy.port: ${port} on 127.0.0.1 is in use`);
  });

  it.each<[options: object, paths: string[]]>([
    [{ match: 'api', upstream }, ['match']],
    [{ match: '/api/*', upstream }, ['match']],
    [{ match: '/a', upstream: 'no url' }, ['upstream']],
    [{ match: '/a', upstream: 'ftp://127.0.0.1' }, ['upstream']],
    [{ match: '/a' }, ['upstream']],
    [{ upstream }, ['match']],
    [{ match: '/a', upstream, methods: 'GET' }, ['methods']],
    [{ match: '/a', upstream, methods: ['NO METHOD'] }, ['methods']],
    [{ match: '/a', upstream, allowedUpstreams: ['nowhere'] }, ['allowedUpstreams']],
    [{ match: '/a', upstream, trustedProxies: ['127.0.0.1/99'] }, ['trustedProxies']],
    [{ match: '/a', upstream, connectTimeoutMs: 0 }, ['connectTimeoutMs']],
    [{ match: '/a', upstream, timeoutMs: -1 }, ['timeoutMs']],
    [{ match: '/a', upstream, preserveHost: 'yes' }, ['preserveHost']],
    [{ match: '/a', upstream, retry: {} }, ['retry.attempts']],
    [{ match: '/a', upstream, breaker: { minimumCalls: 0 } }, ['breaker.minimumCalls']],
    [{ match: '/a', upstream, upstreams: [] }, ['upstreams']],
    [{ match: 7, upstream: 7, rewrite: 7 }, ['match', 'upstream', 'rewrite']],
  ])('with %o, and says where', async (options, paths) => {
    const lines = (await problems(proxy(options))).replace('ConfigurationError: ', '').split('\n');
    const told = new Set(lines.map((line) => line.split(': ')[0]));
    expect(told).toEqual(new Set(paths.map((path) => `httpProxy.proxies[0].${path}`)));
  });

  it('with several problems, all of which it tells at once', async () => {
    const proxies = [{ match: '/a', upstream: 'x' }, { match: '/b', upstream }, { upstream }];
    const told = await problems({ port: 70_000, maxTunnels: -1, prot: 1, proxies });
    for (const path of ['port', 'maxTunnels', 'prot', 'proxies[0].upstream', 'proxies[2].match']) {
      expect(told).toContain(`httpProxy.${path}: `);
    }
    expect(told).not.toContain('proxies[1]');
  });

  it('with a bad option of a class', async () => {
    @HttpProxy({ match: '/a', upstream: 'nowhere' } satisfies ProxyOptions)
    class UsersProxy extends HttpProxyCommand {}
    expect(await problems({ port: 0 }, [UsersProxy])).toMatch(/^ConfigurationError: .*UsersProxy.*upstream: /);
  });

  it('with two proxies of one name in a group', async () => {
    const proxies = [
      { name: 'a', match: '/a', upstream },
      { name: 'a', match: '/b', upstream },
    ];
    expect(await problems({ port: 0, proxies })).toMatch(/^ConfigurationError: /);
  });

  it('without the name of its service', async () => {
    const transports = [httpProxy({ port: 0 })];
    const starts = async (): Promise<void> => {
      @Module({ imports: [GatewayModule.forRoot({ transports })] })
      class AppModule {}
      await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
    };
    await expect(starts()).rejects.toThrow(/^service: is required/);
  });

  it('where there is no server and no port is given', async () => {
    expect(await problems({ proxies: [{ match: '/a', upstream }] })).toMatch(/^ConfigurationError: .*port/);
  });

  it('on a server that speaks HTTP/2', async () => {
    const transports = [httpProxy({ proxies: [{ match: '/a', upstream }] })];
    @Module({ imports: [GatewayModule.forRoot({ service: 'gate', transports })] })
    class AppModule {}
    const app = await NestFactory.create(AppModule, new FastifyAdapter({ http2: true }), {
      logger: false,
      abortOnError: false,
    });
    onTestFinished(() => app.close());
    await expect(app.listen(0, '127.0.0.1')).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
  });
});

describe('a listener', () => {
  it('tells the port it was given, and that it is up', async () => {
    const transport = httpProxy({ port: 0 });
    expect(transport).toMatchObject({ name: 'http' });
    @Module({ imports: [GatewayModule.forRoot({ service: 'gate', transports: [transport] })] })
    class AppModule {}
    const app = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
    onTestFinished(() => app.close());
    expect(transport.health()).toMatchObject({ status: 'up', port: expect.any(Number) });
  });

  it('frees its port when it is closed', async () => {
    const first = httpProxy({ port: 0 });
    const boot = async (transport: typeof first): Promise<{ close(): Promise<void> }> => {
      @Module({ imports: [GatewayModule.forRoot({ service: 'gate', transports: [transport] })] })
      class AppModule {}
      return NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
    };
    const app = await boot(first);
    const port = first.health()['port'] as number;
    await app.close();
    const again = await boot(httpProxy({ port }));
    await again.close();
    expect(port).toBeGreaterThan(0);
  });
});
