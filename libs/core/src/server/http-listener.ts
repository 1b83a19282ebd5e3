import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigurationError } from '../errors.js';
import { HttpDrain } from '../http-drain.js';
import type { HttpFront } from './http-front.js';
import { takeUpgrades } from './upgrade.js';

const IN_THE_WAY: Record<string, string> = {
  EADDRINUSE: 'is in use',
  EACCES: 'is not for this user to listen on',
  EADDRNOTAVAIL: 'is no address of this machine',
};

/** A server of a transport's own. */
export class HttpListener {
  readonly server: Server;
  private readonly drain: HttpDrain;

  /** `factory` makes the transport, for messages. */
  constructor(
    front: HttpFront,
    private readonly factory: string,
    options: ServerOptions = {},
  ) {
    const serve = (request: IncomingMessage, response: ServerResponse): void => front.serve(request, response);
    this.server = createServer(options, serve).on('checkContinue', serve);
    takeUpgrades(this.server, front);
    this.drain = new HttpDrain(this.server);
  }

  /** Undefined while it is closed. */
  get port(): number | undefined {
    return (this.server.address() as AddressInfo | null)?.port;
  }

  /** @throws ConfigurationError where nobody can listen there */
  async listen(port: number, host: string): Promise<void> {
    this.server.listen(port, host);
    try {
      await once(this.server, 'listening');
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException;
      const problem = { path: `${this.factory}.port`, message: `${port} on ${host} ${IN_THE_WAY[code] ?? message}` };
      throw new ConfigurationError([problem], { cause: error });
    }
  }

  /** Takes no connection from now on; resolves when the last response is out. */
  async stop(): Promise<void> {
    this.drain.begin({ refuse: true });
    await this.drain.quiet();
    await this.drain.close();
  }

  /** Cuts what is still open. */
  async close(): Promise<void> {
    await this.drain.cutAfter(0);
  }
}
