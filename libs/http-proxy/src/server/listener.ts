import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigurationError } from 'sallyport';
import { HttpDrain } from 'sallyport/internal';
import type { HttpProxyEntrypoint } from '../http-proxy.entrypoint.js';
import { takeUpgrades } from './upgrade.js';

const IN_THE_WAY: Record<string, string> = {
  EADDRINUSE: 'is in use',
  EACCES: 'is not for this user to listen on',
  EADDRNOTAVAIL: 'is no address of this machine',
};

/** A server of the proxy's own. */
export class Listener {
  private readonly server: Server;
  private readonly drain: HttpDrain;

  constructor(entrypoint: HttpProxyEntrypoint) {
    const serve = (request: IncomingMessage, response: ServerResponse): void => entrypoint.serve(request, response);
    // A body is bounded by its silences, not by Node's five minutes for the whole of it.
    this.server = createServer({ requestTimeout: 0 }, serve).on('checkContinue', serve);
    takeUpgrades(this.server, entrypoint);
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
      const problem = { path: 'httpProxy.port', message: `${port} on ${host} ${IN_THE_WAY[code] ?? message}` };
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
