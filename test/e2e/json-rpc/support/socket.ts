import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { WebSocket, type ClientOptions } from 'ws';

/** One end of a WebSocket, that keeps all that the other end said. */
export class TestSocket {
  readonly frames: string[] = [];
  /** Resolves with code and reason. */
  readonly closed: Promise<{ code: number; reason: string }>;
  private watchers: (() => void)[] = [];

  constructor(readonly webSocket: WebSocket) {
    webSocket.on('error', () => {});
    webSocket.on('message', (data) => {
      this.frames.push((data as Buffer).toString());
      for (const watcher of this.watchers) watcher();
    });
    this.closed = new Promise((resolve) => {
      webSocket.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
    });
  }

  send(frame: unknown): void {
    this.webSocket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** The frames, once there are so many of them. */
  received(count: number): Promise<string[]> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (this.frames.length < count) return;
        resolve(this.frames.slice(0, count));
      };
      this.watchers.push(look);
      look();
      void this.closed.then(({ code, reason }) => reject(new Error(`closed ${code} ${reason} before ${count} frames`)));
    });
  }

  /** The next frame, parsed. */
  async next(): Promise<any> {
    const count = this.frames.length + 1;
    return JSON.parse((await this.received(count)).at(-1)!);
  }

  async call(method: string, params?: unknown, id: unknown = 1): Promise<any> {
    const next = this.next();
    this.send({ jsonrpc: '2.0', method, params, id });
    return next;
  }
}

export interface SocketOptions extends ClientOptions {
  path?: string;
  protocols?: string[];
}

/** Open, and gone with the test. Rejects where the server would rather not. */
export async function openSocket(port: number, options: SocketOptions = {}): Promise<TestSocket> {
  const { path = '/api', protocols = ['jsonrpc2'], ...rest } = options;
  const webSocket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, rest);
  onTestFinished(() => webSocket.terminate());
  const socket = new TestSocket(webSocket);
  await once(webSocket, 'open');
  return socket;
}

/** The status that a handshake is refused with. */
export async function refusedWith(port: number, options: SocketOptions = {}): Promise<number> {
  const { path = '/api', ...rest } = options;
  const webSocket = new WebSocket(`ws://127.0.0.1:${port}${path}`, rest);
  webSocket.on('error', () => {});
  onTestFinished(() => webSocket.terminate());
  const [, response] = (await once(webSocket, 'unexpected-response')) as [unknown, { statusCode: number }];
  return response.statusCode;
}
