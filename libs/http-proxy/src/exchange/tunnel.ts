import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TransportError } from 'sallyport';
import type { Execution } from 'sallyport/internal';
import { refuse } from '../answer.js';
import { responseHeaders } from '../headers/response-headers.js';
import { isAnswer, refusalOf } from '../http-proxy.errors.js';
import type { Proxied } from './exchange.js';
import { outgoing, type Outgoing } from './outgoing.js';
import { throughHooks } from './through-hooks.js';
import { fromUpstream } from './upstreams.js';

const CLOSED_BEFORE = 'closed the connection before it answered';

/** A WebSocket through the gateway: its handshake is the command (RFC 6455 §4), what follows are bytes both ways. */
export class Tunnel {
  call!: Execution;
  /** A handshake has no effect but the connection that it asks for. */
  readonly repeatable = true;
  private upstream: ClientRequest | undefined;
  /** What the client sent before it could know that somebody listens. */
  private readonly early: Buffer[] = [];

  constructor(
    private readonly about: Proxied,
    private readonly socket: Duplex,
    private readonly head: Buffer,
  ) {
    socket.on('error', () => socket.destroy());
    socket.on('data', this.keep).once('end', this.leave);
  }

  async run(): Promise<void> {
    const { route, request, response, target } = this.about;
    try {
      const plain = outgoing(route, request, target, null);
      const [out] = route.hooks === undefined ? [plain] : await throughHooks(route, plain, this.call);
      await this.shakeHands(out);
    } catch (error) {
      if (!isAnswer(error)) throw error;
      refuse(response, refusalOf(error));
    }
  }

  /** With a fallback the client learns what it says; there is no tunnel without an upstream. */
  async fallBack(error: Error): Promise<void> {
    throw error;
  }

  destroy(): void {
    this.upstream?.destroy();
    this.socket.destroy();
  }

  private shakeHands(out: Outgoing): Promise<void> {
    const { route } = this.about;
    const { timeoutMs } = this.call;
    const upstream = this.ask(out);
    this.call.whenAborted((reason) => upstream.destroy(reason));
    return new Promise((resolve, reject) => {
      upstream.on('error', (error) => reject(fromUpstream(error, route.key, timeoutMs)));
      const lost = (): void =>
        reject(new TransportError(`the upstream of "${route.key}" ${CLOSED_BEFORE}`, 'http', 'disconnected'));
      upstream.once('close', lost);
      upstream.once('response', (answer) => {
        upstream.off('close', lost);
        this.passOn(answer).then(resolve, reject);
      });
      upstream.once('upgrade', (answer: IncomingMessage, far: Duplex, farHead: Buffer) => {
        this.connect(answer, far, farHead);
        resolve();
      });
      upstream.end();
    });
  }

  private ask({ origin, path, headers }: Outgoing): ClientRequest {
    const { request, route } = this.about;
    const { protocol, hostname, port, host } = new URL(origin);
    const own = route.preserveHost ? [] : ['host', host];
    const raw = [...own, ...headers, 'connection', 'Upgrade', 'upgrade', request.headers.upgrade!];
    const { request: ask } = protocol === 'https:' ? https : http;
    const at = hostname.replace(/^\[|\]$/g, '');
    const timeout = route.connectTimeoutMs;
    const upstream = ask({ host: at, servername: at, port, path, headers: raw, agent: false, timeout });
    upstream.once('timeout', () =>
      upstream.destroy(Object.assign(new Error('no connection in time'), { code: 'ETIMEDOUT' })),
    );
    upstream.once('socket', (socket) => socket.once('connect', () => upstream.setTimeout(0)));
    this.upstream = upstream;
    return upstream;
  }

  /** The upstream would rather not: its answer is the client's. */
  private async passOn(answer: IncomingMessage): Promise<void> {
    const { response } = this.about;
    const { headers } = responseHeaders(answer.rawHeaders.map((text) => Buffer.from(text, 'latin1')));
    response.writeHead(answer.statusCode!, answer.statusMessage, headers);
    await pipeline(answer, response);
  }

  private connect(answer: IncomingMessage, far: Duplex, farHead: Buffer): void {
    const { socket, head } = this;
    const { response } = this.about;
    const lines = [`HTTP/1.1 101 ${answer.statusMessage}`];
    for (let index = 0; index < answer.rawHeaders.length; index += 2) {
      lines.push(`${answer.rawHeaders[index]}: ${answer.rawHeaders[index + 1]}`);
    }
    response.detachSocket(socket as never);
    socket.off('data', this.keep).off('end', this.leave);
    socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
    if (farHead.length > 0) socket.write(farHead);
    for (const chunk of [head, ...this.early]) if (chunk.length > 0) far.write(chunk);
    far.on('error', () => socket.destroy());
    far.once('close', () => socket.destroy());
    socket.once('close', () => far.destroy());
    far.pipe(socket).pipe(far);
  }

  /** Nothing is to come yet; while it is read, a client that leaves is noticed. */
  private readonly keep = (chunk: Buffer): void => {
    this.early.push(chunk);
    this.socket.pause();
  };

  private readonly leave = (): void => {
    this.socket.destroy();
  };
}
