import { setTimeout as pause } from 'node:timers/promises';
import { TransportError } from 'sallyport';
import { repliesIn } from '../envelope/response.js';
import { MALFORMED, parse } from '../envelope/text.js';
import { CANCEL } from '../socket/web-socket.js';
import { ReconnectBackoff } from './reconnect-backoff.js';
import { SocketLink, type LinkListener } from './socket-link.js';
import type { Outgoing, Sent, Wire } from './wire.js';

/**
 * Any number of calls on one WebSocket, which is opened for the first of them and again whenever it is lost. What was
 * under way then has failed; what comes in between waits for the next try.
 */
export class SocketWire implements Wire, LinkListener {
  private readonly waiting = new Set<Frame>();
  private readonly pending = new Map<unknown, Frame>();
  private readonly backoff = new ReconnectBackoff();
  private readonly closing = new AbortController();
  private link: SocketLink | undefined;
  private attempt: Promise<void> | undefined;

  constructor(
    private readonly url: string,
    private readonly headers: Readonly<Record<string, string>>,
    private readonly tell: (status: 'connected' | 'disconnected') => void,
  ) {}

  get driver(): unknown {
    return this.link?.webSocket;
  }

  connect(): Promise<void> {
    return this.link === undefined ? (this.attempt ??= this.reach()) : Promise.resolve();
  }

  send(outgoing: Outgoing): Sent {
    const frame = new Frame(this, outgoing);
    if (this.link !== undefined) this.write(frame, this.link);
    else {
      this.waiting.add(frame);
      this.connect().catch(() => {});
    }
    return frame;
  }

  cancel(frame: Frame, reason: Error): void {
    const { outgoing } = frame;
    this.waiting.delete(frame);
    for (const id of outgoing.ids) {
      const underWay = this.pending.delete(id);
      if (underWay) this.link?.write(`{"jsonrpc":"2.0","method":"${CANCEL}","params":{"id":${id}}}`);
    }
    outgoing.fail(reason);
  }

  async close(): Promise<void> {
    const { link } = this;
    this.closing.abort();
    this.lost('the client was closed');
    await link?.close();
  }

  received(bytes: Buffer): void {
    this.backoff.reset();
    const message = parse(bytes.toString(), Infinity);
    for (const reply of (message === MALFORMED ? undefined : repliesIn(message)) ?? []) {
      const frame = this.pending.get(reply.id);
      this.pending.delete(reply.id);
      frame?.outgoing.settle(reply);
    }
  }

  /** What was sent may have been done. */
  lost(why: string): void {
    const { pending } = this;
    const known = this.link !== undefined;
    this.link = undefined;
    const frames = new Set(pending.values());
    pending.clear();
    for (const { outgoing } of frames) outgoing.fail(this.error(`the WebSocket was lost: ${why}`, 'disconnected'));
    if (known) this.tell('disconnected');
    if (known && !this.closing.signal.aborted) void this.reconnect();
  }

  private write(frame: Frame, link: SocketLink): void {
    const { outgoing } = frame;
    for (const id of outgoing.ids) this.pending.set(id, frame);
    if (link.write(outgoing.text(link.takesContext))) return outgoing.sent();
    for (const id of outgoing.ids) this.pending.delete(id);
    outgoing.fail(this.error('too much waits to be sent', 'buffer-full'));
  }

  private async reach(): Promise<void> {
    const { signal } = this.closing;
    try {
      if (signal.aborted) throw new Error('the client was closed');
      await pause(this.backoff.nextMs(), undefined, { signal });
      const link = await SocketLink.open(this.url, this.headers);
      if (signal.aborted) await link.close();
      else this.opened(link);
    } catch (cause) {
      const error = this.error((cause as Error).message, 'unroutable', cause);
      const frames = [...this.waiting];
      this.waiting.clear();
      for (const { outgoing } of frames) outgoing.fail(error);
      throw error;
    } finally {
      this.attempt = undefined;
    }
  }

  private opened(link: SocketLink): void {
    this.link = link;
    link.listen(this);
    this.tell('connected');
    for (const frame of this.waiting) this.write(frame, link);
    this.waiting.clear();
  }

  private async reconnect(): Promise<void> {
    while (this.link === undefined && !this.closing.signal.aborted) await this.connect().catch(() => {});
  }

  private error(what: string, reason: 'disconnected' | 'unroutable' | 'buffer-full', cause?: unknown): TransportError {
    return new TransportError(`${this.url}: ${what}`, 'websocket', reason, { cause });
  }
}

/** A message that was sent, or is to be. */
class Frame implements Sent {
  constructor(
    private readonly wire: SocketWire,
    readonly outgoing: Outgoing,
  ) {}

  cancel(reason: Error): void {
    this.wire.cancel(this, reason);
  }
}
