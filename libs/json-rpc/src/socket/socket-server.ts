import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocketServer } from 'ws';
import { FOREIGN_ORIGIN, refuse, SHUTTING_DOWN } from '../server/http-refusal.js';
import type { Upgrades } from '../server/http-entrypoint.js';
import { Peer } from '../server/peer.js';
import { SocketConnection, type Receive, type SocketLimits } from './socket-connection.js';
import { CONTEXT_TAKEN, loadWs, SUBPROTOCOL } from './web-socket.js';

export interface SocketServerOptions extends SocketLimits {
  readonly maxBodyBytes: number;
  readonly heartbeatMs: number;
  /** @default that of the host that is connected to */
  readonly allowedOrigins?: readonly string[];
  /** Whether context headers are taken. */
  readonly takesContext: boolean;
}

/** The WebSockets that are open on our path. */
export class SocketServer implements Upgrades {
  private readonly connections = new Set<SocketConnection>();
  private heart: NodeJS.Timeout | undefined;
  private leaving = false;

  private constructor(
    private readonly server: WebSocketServer,
    private readonly receive: Receive,
    private readonly options: SocketServerOptions,
  ) {}

  /** `factory` makes the transport, for messages. @throws ConfigurationError without the package `ws` */
  static async start(receive: Receive, options: SocketServerOptions, factory: string): Promise<SocketServer> {
    const { WebSocketServer } = await loadWs(`${factory}.webSocket`);
    const server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: options.maxBodyBytes,
      handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    });
    if (options.takesContext) server.on('headers', (headers) => headers.push(`${CONTEXT_TAKEN}: 1`));
    const sockets = new SocketServer(server, receive, options);
    sockets.heart = setInterval(() => sockets.beat(), options.heartbeatMs).unref();
    return sockets;
  }

  get size(): number {
    return this.connections.size;
  }

  take(request: IncomingMessage, response: ServerResponse, socket: Duplex, head: Buffer): void {
    if (this.leaving) return refuse(response, SHUTTING_DOWN);
    if (!this.isAllowed(request)) return refuse(response, FOREIGN_ORIGIN);
    response.detachSocket(socket as never);
    this.server.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = new SocketConnection(new Peer(request), webSocket, socket, this.options);
      this.connections.add(connection);
      webSocket.once('close', () => this.connections.delete(connection));
      connection.listen(this.receive);
    });
  }

  /** Resolves when every connection is closed, each once its last reply is out. */
  async leave(): Promise<void> {
    this.leaving = true;
    await Promise.all([...this.connections].map((connection) => connection.leave()));
  }

  close(): void {
    clearInterval(this.heart);
    for (const connection of this.connections) connection.terminate();
    this.server.close();
  }

  /** Who sends no origin is no page in a browser, and may say what it likes anyway. */
  private isAllowed({ headers: { origin, host } }: IncomingMessage): boolean {
    if (origin === undefined) return true;
    const { allowedOrigins } = this.options;
    if (allowedOrigins !== undefined) return allowedOrigins.includes(origin);
    return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
  }

  private beat(): void {
    for (const connection of this.connections) connection.beat();
  }
}
