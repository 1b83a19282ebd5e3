import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { CallCancelledError, type CallOptions, GatewayError, TransportError } from 'sallyport';

interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { code: unknown; message: unknown; data?: unknown };
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** The other end of the lines. */
export class LinesClient {
  private readonly waiting = new Map<number, Waiting>();
  private calls = 0;

  private constructor(private readonly socket: Socket) {
    createInterface({ input: socket }).on('line', (line) => this.onReply(JSON.parse(line) as Reply));
    socket.on('error', () => {}).on('close', () => this.onClose());
  }

  static async connect(port: number): Promise<LinesClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new LinesClient(socket);
  }

  call(method: string, params?: unknown, { headers, timeoutMs, signal }: CallOptions = {}): Promise<unknown> {
    if (signal?.aborted) return Promise.reject(cancelled(method, signal));
    if (!this.socket.writable) return Promise.reject(closed());
    const id = ++this.calls;
    const deadline = timeoutMs === undefined ? {} : { 'sallyport-deadline-ms': String(timeoutMs) };
    this.socket.write(`${JSON.stringify({ id, method, params, headers: { ...headers, ...deadline } })}\n`);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      signal?.addEventListener('abort', () => {
        if (!this.waiting.delete(id)) return;
        this.socket.write(`${JSON.stringify({ cancel: id })}\n`);
        reject(cancelled(method, signal));
      });
    });
  }

  async close(): Promise<void> {
    if (this.socket.closed) return;
    const gone = once(this.socket, 'close');
    this.socket.end();
    await gone;
  }

  private onReply({ id, result, error }: Reply): void {
    const call = this.waiting.get(id);
    this.waiting.delete(id);
    if (error === undefined) call?.resolve(result);
    else call?.reject(GatewayError.fromJSON(error));
  }

  private onClose(): void {
    for (const { reject } of this.waiting.values()) reject(closed());
    this.waiting.clear();
  }
}

function cancelled(method: string, signal: AbortSignal): CallCancelledError {
  return new CallCancelledError(`the call of "${method}" was cancelled`, { cause: signal.reason });
}

function closed(): TransportError {
  return new TransportError('the connection is closed', 'lines', 'disconnected');
}
