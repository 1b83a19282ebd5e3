import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { plainIdText } from '../envelope/id.js';
import type { RpcCall } from '../envelope/request.js';
import { TOO_MANY_CALLS } from '../json-rpc.errors.js';
import type { IncomingCall } from '../server/incoming-call.js';
import type { Origin } from '../server/origin.js';
import type { Peer } from '../server/peer.js';
import { FrameWriter } from './frame-writer.js';
import { CANCEL, GOING_AWAY, TRY_AGAIN_LATER, UNSUPPORTED_DATA } from './web-socket.js';

/** What bounds a WebSocket. */
export interface SocketLimits {
  readonly maxInFlight: number;
  readonly maxBufferedBytes: number;
}

/** Takes the messages of a connection. */
export type Receive = (bytes: Buffer, connection: SocketConnection) => void;

const SLOW_MS = 1_000;

/** One WebSocket: each frame is a message, any number of them under way. */
export class SocketConnection implements Origin {
  readonly transport = 'websocket';
  private readonly calls = new Set<IncomingCall>();
  private readonly writer: FrameWriter;
  private alive = true;
  private leaving = false;

  constructor(
    readonly peer: Peer,
    private readonly webSocket: WebSocket,
    socket: Duplex,
    private readonly limits: SocketLimits,
  ) {
    this.writer = new FrameWriter(webSocket, socket, limits.maxBufferedBytes);
  }

  listen(receive: Receive): void {
    const { webSocket } = this;
    webSocket.on('message', (data, isBinary) => {
      this.alive = true;
      if (isBinary) webSocket.close(UNSUPPORTED_DATA, 'one JSON-RPC message in each text frame');
      else receive(data as Buffer, this);
    });
    webSocket.on('pong', () => (this.alive = true));
    // It closes too, and says why to the other end.
    webSocket.on('error', () => {});
    webSocket.once('close', () => this.abandon('the WebSocket was closed'));
  }

  admit(call: IncomingCall): string | undefined {
    if (this.calls.size >= this.limits.maxInFlight) return TOO_MANY_CALLS;
    this.calls.add(call);
    return undefined;
  }

  ended(call: IncomingCall): void {
    this.calls.delete(call);
    if (this.leaving && this.calls.size === 0) process.nextTick(() => this.webSocket.close(GOING_AWAY));
  }

  controls({ method, params }: RpcCall): void {
    if (method !== CANCEL || params === undefined || Array.isArray(params)) return;
    const { id } = params as { id?: unknown };
    if (typeof id !== 'string' && typeof id !== 'number') return;
    const text = plainIdText(id);
    for (const call of this.calls) if (call.id === text) call.cancellation.abort(new Error('the caller gave up'));
  }

  reply(text: string | undefined): void {
    if (text === undefined || this.webSocket.readyState !== this.webSocket.OPEN) return;
    if (!this.writer.write(text)) this.cut();
  }

  /** Reads no more for now. */
  pause(): void {
    this.webSocket.pause();
  }

  resume(): void {
    this.alive = true;
    this.webSocket.resume();
  }

  /** Takes nothing new; resolves when it is closed, once the last reply is out. */
  leave(): Promise<void> {
    this.leaving = true;
    if (this.calls.size === 0) this.webSocket.close(GOING_AWAY);
    return new Promise((resolve) => {
      if (this.webSocket.readyState === this.webSocket.CLOSED) resolve();
      else this.webSocket.once('close', resolve);
    });
  }

  /** Asks whether anybody is still there; cuts the connection when nobody has said so since the last time. */
  beat(): void {
    if (!this.alive) return this.webSocket.terminate();
    this.alive = false;
    this.webSocket.ping();
  }

  terminate(): void {
    this.webSocket.terminate();
  }

  /** What is in its buffers it will not read in time, if ever. */
  private cut(): void {
    const { webSocket } = this;
    webSocket.close(TRY_AGAIN_LATER, 'too slow');
    this.abandon('the WebSocket is too slow');
    const forced = setTimeout(() => webSocket.terminate(), SLOW_MS);
    webSocket.once('close', () => clearTimeout(forced));
  }

  /** A notification goes on: nobody ever waited for it. */
  private abandon(why: string): void {
    const reason = new Error(why);
    for (const { id, cancellation } of this.calls) if (id !== undefined) cancellation.abort(reason);
  }
}
