import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Http2Server, ServerHttp2Session } from 'node:http2';
import { Server as NetServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const SWEEP_MS = 20;
const QUIET_MS = 100;

/**
 * The app's own HTTP server on its way out. It is a real network, so this goes by real time, whatever the clock of
 * the app. Keep-alive connections would hold the server for as long as their clients like: replies close them.
 */
export class HttpDrain {
  private readonly sessions = new Set<ServerHttp2Session>();
  private closed: Promise<void> | undefined;
  private arrivedAt = 0;
  private open = false;

  /** From the start of the app on, since HTTP/2 servers do not tell which sessions they have. */
  constructor(private readonly server: Server | Http2Server | undefined) {
    if (server === undefined || isHttp1(server)) return;
    server.on('session', (session) => {
      this.sessions.add(session);
      session.once('close', () => this.sessions.delete(session));
    });
  }

  /** `refuse`: no connection is accepted any more, where nobody is to see that we are leaving. */
  begin({ refuse = false } = {}): void {
    this.arrivedAt = performance.now();
    this.open = this.server?.listening === true;
    // An HTTP server that closes cuts idle connections too, on which a request may be under way.
    if (refuse && this.open) NetServer.prototype.close.call(this.server);
    this.server?.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
      this.arrivedAt = performance.now();
      if (request.httpVersionMajor === 1) response.setHeader('Connection', 'close');
    });
  }

  /** Resolves when nothing has arrived for a moment: whoever balances the load has seen that we are leaving. */
  async quiet(): Promise<void> {
    while (this.open) {
      const wait = this.arrivedAt + QUIET_MS - performance.now();
      if (wait <= 0) return;
      await pause(wait);
    }
  }

  /** Accepts no connection from now on; resolves when the last response is out. */
  close(): Promise<void> {
    return (this.closed ??= this.stopListening());
  }

  /** Resolves when every connection is closed, those that take longer than `ms` by force. */
  async cutAfter(ms: number): Promise<void> {
    const force = setTimeout(() => this.cut(), ms);
    await this.close();
    clearTimeout(force);
  }

  private async stopListening(): Promise<void> {
    const { server } = this;
    if (server === undefined || !this.open) return;
    this.open = false;
    const sweep = setInterval(() => isHttp1(server) && server.closeIdleConnections(), SWEEP_MS);
    for (const session of this.sessions) session.close();
    const closed = once(server, 'close');
    server.close();
    await closed;
    clearInterval(sweep);
  }

  private cut(): void {
    if (this.server !== undefined && isHttp1(this.server)) this.server.closeAllConnections();
    for (const session of this.sessions) session.destroy();
  }
}

function isHttp1(server: Server | Http2Server): server is Server {
  return 'closeIdleConnections' in server;
}
