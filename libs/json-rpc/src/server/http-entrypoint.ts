import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HttpFront } from 'sallyport/internal';
import type { Endpoint } from './endpoint.js';
import { HttpExchange } from './http-exchange.js';
import { NO_SUCH_PATH, refuse, WEB_SOCKET_ONLY } from './http-refusal.js';

/** Takes the handshakes of WebSockets. */
export interface Upgrades {
  take(request: IncomingMessage, response: ServerResponse, socket: Duplex, head: Buffer): void;
}

export interface HttpEntrypointOptions {
  readonly path: string;
  readonly maxBodyBytes: number;
  /** False: WebSockets alone. */
  readonly http: boolean;
}

/** Where a request to our path becomes a message. */
export class HttpEntrypoint implements HttpFront {
  constructor(
    private readonly endpoint: Endpoint,
    private readonly options: HttpEntrypointOptions,
    private readonly upgrades: Upgrades | undefined,
  ) {}

  accept(request: IncomingMessage, response: ServerResponse): boolean {
    if (!this.options.http || !this.isOurs(request)) return false;
    new HttpExchange(request, response, this.endpoint, this.options.maxBodyBytes).begin();
    return true;
  }

  serve(request: IncomingMessage, response: ServerResponse): void {
    if (!this.accept(request, response)) refuse(response, this.isOurs(request) ? WEB_SOCKET_ONLY : NO_SUCH_PATH);
  }

  knows(request: IncomingMessage): boolean {
    return this.upgrades !== undefined && this.isOurs(request);
  }

  tunnel(request: IncomingMessage, response: ServerResponse, socket: Duplex, head: Buffer): boolean {
    if (!this.knows(request)) return false;
    this.upgrades!.take(request, response, socket, head);
    return true;
  }

  private isOurs({ url }: IncomingMessage): boolean {
    const { path } = this.options;
    return url === path || (url!.startsWith(path) && url![path.length] === '?');
  }
}
