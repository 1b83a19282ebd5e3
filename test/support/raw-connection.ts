import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** One end of a TCP connection that says byte for byte what a test writes, and keeps all that the other end said. */
export class RawConnection {
  private text = '';
  private over = false;
  private readonly watchers = new Set<() => void>();
  /** Resolves when the other end has said its last byte, or the connection broke. */
  readonly ended: Promise<void>;
  readonly closed: Promise<void>;

  constructor(readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.keep(chunk.toString('latin1')));
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    const ended = new Promise<void>((resolve) => socket.once('end', () => resolve()));
    this.ended = Promise.race([ended, this.closed]);
    void this.ended.then(() => this.finish());
    socket.on('error', () => {});
  }

  /** All that came so far, a character a byte. */
  get received(): string {
    return this.text;
  }

  /** Resolves once it is handed to the kernel. */
  write(data: string | Buffer): Promise<void> {
    return new Promise((resolve) =>
      this.socket.write(data, typeof data === 'string' ? 'latin1' : undefined, () => resolve()),
    );
  }

  /** Says that nothing will follow, and goes on listening. */
  end(data = ''): void {
    this.socket.end(data, 'latin1');
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** The way a machine that crashed is heard of. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** What was received once it matches; rejects where the other end stops before. */
  receives(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (pattern.test(this.text)) resolve(this.text);
        else if (this.over) reject(new Error(`ended before ${pattern}: ${JSON.stringify(this.text)}`));
        else return;
        this.watchers.delete(look);
      };
      this.watchers.add(look);
      look();
    });
  }

  /** Whatever the other end says until it stops. */
  async all(): Promise<string> {
    await this.ended;
    return this.text;
  }

  /** Lets go of what was received, so that the next `receives` looks at what comes after it. */
  forget(): void {
    this.text = '';
  }

  private keep(text: string): void {
    this.text += text;
    for (const watcher of this.watchers) watcher();
  }

  private finish(): void {
    this.over = true;
    for (const watcher of this.watchers) watcher();
  }
}

/** Half-open is allowed: what is still to come can be read after `end()`. */
export async function connectRaw(port: number): Promise<RawConnection> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return new RawConnection(socket);
}
