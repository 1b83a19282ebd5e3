import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Execution } from 'sallyport/internal';
import type { Dispatcher } from 'undici';
import { ClientSilentError } from '../http-proxy.errors.js';
import { responseHeaders } from '../headers/response-headers.js';
import { ResponseCutError, type ProxyRoute } from '../routing/proxy.route.js';
import type { Target } from '../routing/target.js';
import { closeAfter } from './last-reply.js';
import { outgoing, type Outgoing } from './outgoing.js';
import { hasBody, Upload } from './upload.js';
import { codeOf, fromUpstream, wasIdle, type Upstreams } from './upstreams.js';

const NOT_MODIFIED = 304;
/** RFC 9110 §9.2.2. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** What Node sends; undici reads it as UTF-8, and what is none cannot be told any more. */
const IN_A_REASON = /^[\t\x20-\x7e\x80-\xff]*$/;

/** What an exchange is about. */
export interface Proxied {
  readonly route: ProxyRoute;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: Target;
  /** Whether this process is going away: its replies then close their connections. */
  readonly door: { closing: boolean };
}

/**
 * One request on its way through: what the client sends goes to the upstream as it comes, what the upstream sends to
 * the client, each at the pace of the slower side. Nothing is parsed that the connection itself does not need.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  /** Set before the call is submitted. */
  call!: Execution;
  readonly upload: Upload | null;
  protected headOut = false;
  private readonly idempotent: boolean;
  private out: Outgoing | undefined;
  protected silenceMs: number | undefined;
  private repeated = false;
  private begun = false;
  private bodiless = false;
  private endedBy: Error | undefined;
  private abortUpstream: ((reason?: Error) => void) | undefined;
  private contentLength: number | undefined;
  private received = 0;
  private last: Buffer | undefined;
  private passed = false;
  private resume: () => void = ignore;
  private resolve: () => void = ignore;
  protected reject: (error: Error) => void = ignore;

  constructor(
    protected readonly about: Proxied,
    private readonly upstreams: Upstreams,
  ) {
    const { request, response } = about;
    this.upload = hasBody(request) ? new Upload(request, response) : null;
    this.idempotent = this.upload === null && IDEMPOTENT.has(request.method!);
  }

  /** Whether the command may be tried again after an attempt that reached the upstream. */
  get repeatable(): boolean {
    return this.idempotent;
  }

  /** The target of the command: resolves when the response has been received to its end. */
  run(): Promise<void> {
    const { route, request, target } = this.about;
    return this.send(outgoing(route, request, target, this.upload));
  }

  onConnect(abort: (reason?: Error) => void): void {
    this.abortUpstream = abort;
    if (this.endedBy !== undefined) abort(this.endedBy);
    else if (this.upload !== null) this.await(this.upload);
  }

  /** The first byte of the response. */
  onResponseStarted(): void {
    this.begun = true;
  }

  onHeaders(status: number, raw: Buffer[], resume: () => void, reason: string): boolean {
    if (status < 200) return true;
    const { response, door } = this.about;
    if (door.closing) closeAfter(response);
    const { headers, contentLength } = responseHeaders(raw);
    response.writeHead(status, IN_A_REASON.test(reason) ? reason : STATUS_CODES[status], headers);
    this.headOut = true;
    this.bodiless = status === NOT_MODIFIED;
    this.contentLength = contentLength;
    this.call.liftDeadline();
    this.resume = resume;
    process.nextTick(flushHead, this);
    return true;
  }

  onData(chunk: Buffer): boolean {
    this.received += chunk.length;
    if (this.received === this.contentLength) {
      // The end follows at once: then both, and often the head too, go out in one write.
      this.last = chunk;
      return true;
    }
    this.passed = true;
    if (this.about.response.write(chunk)) return true;
    this.awaitClient();
    return false;
  }

  onComplete(trailers: string[] | Buffer[] | null): void {
    const { response } = this.about;
    if (trailers !== null && trailers.length > 0) response.addTrailers(inPairs(trailers));
    this.passed = true;
    if (this.last === undefined) response.end();
    else response.end(this.last);
    this.resolve();
  }

  onError(error: Error): void {
    if (this.endedBy === undefined && !this.begun && this.idempotent && !this.repeated && wasIdle(error)) {
      // An idle connection may go away at the very moment it is used: RFC 9112 §9.3.1 lets us try another, once.
      this.repeated = true;
      this.dispatch();
      return;
    }
    // Its length is that of the body it does not have (RFC 9110 §15.4.5), which undici waits for.
    if (this.bodiless && this.received === 0 && codeOf(error) === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH')
      this.onComplete(null);
    else this.fail(error);
  }

  /** A client that reads nothing for as long would keep its slot for ever. */
  private awaitClient(): void {
    const { response } = this.about;
    response.socket?.setTimeout(this.silenceMs!);
    response.once('drain', () => {
      response.socket?.setTimeout(0);
      this.resume();
    });
  }

  /** The body may take as long as it moves: undici looks after the upstream's side of it, the socket after the client's. */
  private await(upload: Upload): void {
    const { request } = this.about;
    // Where it is we who do not read, it is the upstream that is slow, and undici that says so.
    const silent = (): void => void (request.isPaused() || this.call.cancel(new ClientSilentError()));
    this.call.liftDeadline();
    request.once('timeout', silent).socket.setTimeout(this.silenceMs!);
    upload.once('close', () => request.off('timeout', silent).socket.setTimeout(0));
  }

  /** Nobody wants it any more, or nobody can have it. */
  protected abort(reason: Error): void {
    this.endedBy = reason;
    this.abortUpstream?.(reason);
  }

  protected fail(error: Error): void {
    const { response, route } = this.about;
    if (this.headOut) {
      response.destroy();
      this.reject(new ResponseCutError(`the response of "${route.key}" was cut: ${error.message}`, { cause: error }));
    } else {
      this.reject(this.named(error));
    }
  }

  /** What went wrong, in our words. */
  protected named(error: Error): Error {
    return fromUpstream(error, this.about.route.key, this.silenceMs ?? 0);
  }

  protected done(): void {
    this.resolve();
  }

  protected send(out: Outgoing): Promise<void> {
    const { timeoutMs } = this.call;
    this.silenceMs ??= timeoutMs === Infinity ? 0 : Math.ceil(timeoutMs);
    this.out = out;
    this.begun = this.repeated = this.bodiless = false;
    this.endedBy = undefined;
    return new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
      this.call.whenAborted((reason) => this.abort(reason));
      this.dispatch();
    });
  }

  /** Sends a head that waits for its body; a body that came with it has sent it along already. */
  flush(): void {
    if (!this.passed && !this.about.response.writableEnded) this.about.response.flushHeaders();
  }

  private dispatch(): void {
    const { method, origin, path, headers, body } = this.out!;
    const timeout = this.silenceMs!;
    this.upstreams
      .to(origin, this.about.route.connectTimeoutMs)
      .dispatch({ method, path, headers, body, headersTimeout: timeout, bodyTimeout: timeout }, this);
  }
}

function flushHead(exchange: Exchange): void {
  exchange.flush();
}

function inPairs(trailers: readonly (string | Buffer)[]): [string, string][] {
  const text = trailers.map((part) => (typeof part === 'string' ? part : part.toString('latin1')));
  return text.flatMap((name, index): [string, string][] => (index % 2 === 0 ? [[name, text[index + 1] ?? '']] : []));
}

function ignore(): void {}
