import type { IncomingMessage, Server, ServerResponse } from 'node:http';

const SWEEP_MS = 20;

/** The app's own HTTP server on its way out. Keep-alive connections would hold it for as long as their clients like. */
export class HttpDrain {
  constructor(private readonly server: Server | undefined) {}

  refuseKeepAlive(): void {
    this.server?.prependListener('request', (_request: IncomingMessage, response: ServerResponse) => {
      response.setHeader('Connection', 'close');
    });
  }

  /** Accepts no connection from now on; resolves when the last response is out. */
  async close(): Promise<void> {
    const { server } = this;
    if (server === undefined || !server.listening) return;
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
    await new Promise<void>((resolve) => server.close(() => resolve()));
    clearInterval(sweep);
  }
}
