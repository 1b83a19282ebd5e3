import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { ClientOptions, WebSocket } from 'ws';
import { FrameWriter } from '../socket/frame-writer.js';
import { CONTEXT_TAKEN, GOING_AWAY, loadWs, SUBPROTOCOL } from '../socket/web-socket.js';
import { MAX_REPLY_BYTES } from './http-wire.js';

const HANDSHAKE_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 1_000;
const HEARTBEAT_MS = 30_000;
/** Of what the other end has yet to take. */
const MAX_BUFFERED_BYTES = 16_777_216;
const NO_SUBPROTOCOL = 'Server sent no subprotocol';

export interface LinkListener {
  received(text: Buffer): void;
  lost(why: string): void;
}

/** A WebSocket that is open, until it is not. */
export class SocketLink {
  private readonly writer: FrameWriter;
  private alive = true;

  private constructor(
    readonly webSocket: WebSocket,
    { socket, headers }: IncomingMessage,
  ) {
    this.writer = new FrameWriter(webSocket, socket, MAX_BUFFERED_BYTES);
    this.takesContext = headers[CONTEXT_TAKEN] !== undefined;
  }

  /** Whether the other end wants context headers in each request object. */
  readonly takesContext: boolean;

  static async open(url: string, headers: Readonly<Record<string, string>>): Promise<SocketLink> {
    try {
      return await shakeHands(url, [SUBPROTOCOL], headers);
    } catch (error) {
      // Others speak JSON-RPC without saying so.
      if ((error as Error).message === NO_SUBPROTOCOL) return shakeHands(url, [], headers);
      throw error;
    }
  }

  static of(webSocket: WebSocket, response: IncomingMessage): SocketLink {
    return new SocketLink(webSocket, response);
  }

  listen(listener: LinkListener): void {
    const { webSocket } = this;
    webSocket.on('message', (data) => {
      this.alive = true;
      listener.received(data as Buffer);
    });
    webSocket.on('pong', () => (this.alive = true));
    const heart = setInterval(() => this.beat(), HEARTBEAT_MS).unref();
    webSocket.once('close', (code, reason) => {
      clearInterval(heart);
      listener.lost(`closed ${code}${reason.length > 0 ? ` ${String(reason)}` : ''}`);
    });
  }

  /** False: too much is waiting already. */
  write(text: string): boolean {
    return this.writer.write(text);
  }

  /** Resolves when it is closed: soon, whatever the other end says. */
  async close(): Promise<void> {
    const { webSocket } = this;
    const closed = once(webSocket, 'close');
    this.writer.flush();
    webSocket.close(GOING_AWAY);
    const forced = setTimeout(() => webSocket.terminate(), CLOSE_TIMEOUT_MS);
    await closed;
    clearTimeout(forced);
  }

  private beat(): void {
    if (!this.alive) return this.webSocket.terminate();
    this.alive = false;
    this.webSocket.ping();
  }
}

async function shakeHands(
  url: string,
  protocols: string[],
  headers: Readonly<Record<string, string>>,
): Promise<SocketLink> {
  const { WebSocket: Socket } = await loadWs('url');
  const options: ClientOptions = {
    headers,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    maxPayload: MAX_REPLY_BYTES,
    perMessageDeflate: false,
  };
  const webSocket = new Socket(url, protocols, options);
  const upgraded = once(webSocket, 'upgrade') as Promise<[IncomingMessage]>;
  // It says the same as `open`, which is waited for.
  upgraded.catch(() => {});
  await once(webSocket, 'open');
  webSocket.on('error', () => {});
  return SocketLink.of(webSocket, (await upgraded)[0]);
}
