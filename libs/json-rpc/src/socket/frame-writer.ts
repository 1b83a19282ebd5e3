import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

const ENOUGH_FOR_A_WRITE = 65_536;

/** Gathers the frames of a tick into one write. */
export class FrameWriter {
  private corked = false;
  private gathered = 0;
  /** What the other end had not taken when this tick began. */
  private backlog = 0;

  constructor(
    private readonly webSocket: WebSocket,
    private readonly socket: Duplex,
    private readonly maxBufferedBytes: number,
  ) {}

  /** False: the other end is too slow, and this was not sent. What one tick brings at once is not its fault. */
  write(text: string): boolean {
    if (!this.corked) this.cork();
    if (this.backlog > this.maxBufferedBytes) return false;
    this.webSocket.send(text);
    this.gathered += text.length;
    if (this.gathered > ENOUGH_FOR_A_WRITE) this.uncork();
    return true;
  }

  flush(): void {
    if (this.corked) this.uncork();
  }

  private cork(): void {
    this.backlog = this.webSocket.bufferedAmount;
    this.corked = true;
    this.socket.cork();
    process.nextTick(flush, this);
  }

  private uncork(): void {
    this.corked = false;
    this.gathered = 0;
    this.socket.uncork();
  }
}

function flush(writer: FrameWriter): void {
  writer.flush();
}
