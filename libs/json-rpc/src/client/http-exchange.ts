import { TransportError } from 'sallyport';
import type { Dispatcher } from 'undici';
import { repliesIn, type RpcReply } from '../envelope/response.js';
import { MALFORMED, parse, textOf } from '../envelope/text.js';
import { fromRpcError } from '../json-rpc.errors.js';
import type { Outgoing, Sent } from './wire.js';

/** A reply may nest as it likes: nobody here goes into it by recursion. */
const ANY_DEPTH = Infinity;

/** One POST on its way, and its response. */
export class HttpExchange implements Dispatcher.DispatchHandler, Sent {
  private readonly chunks: Buffer[] = [];
  private status = 0;
  private abort: ((reason: Error) => void) | undefined;
  private cancelledBy: Error | undefined;

  constructor(
    private readonly outgoing: Outgoing,
    private readonly origin: string,
  ) {}

  cancel(reason: Error): void {
    this.cancelledBy = reason;
    this.abort?.(reason);
  }

  onConnect(abort: (reason?: Error) => void): void {
    this.abort = abort;
    if (this.cancelledBy !== undefined) abort(this.cancelledBy);
  }

  onHeaders(status: number): boolean {
    this.status = status;
    return true;
  }

  onData(chunk: Buffer): boolean {
    this.chunks.push(chunk);
    return true;
  }

  onComplete(): void {
    const { chunks, outgoing, status } = this;
    const succeeded = status >= 200 && status < 300;
    if (succeeded) outgoing.sent();
    if (succeeded && outgoing.ids.length === 0) return;
    const text = textOf(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    const message = text === undefined ? MALFORMED : parse(text, ANY_DEPTH);
    const replies = repliesIn(message);
    if (replies !== undefined) this.settle(replies);
    const why = succeeded ? 'did not answer in JSON-RPC 2.0' : `answered with status ${status}`;
    outgoing.fail(new TransportError(`${this.origin} ${why}`, 'json-rpc', 'protocol'));
  }

  onError(error: Error): void {
    this.outgoing.fail(this.cancelledBy ?? fromUndici(error, this.origin));
  }

  /** An error without an id is about the message as a whole. */
  private settle(replies: readonly RpcReply[]): void {
    for (const reply of replies) {
      if (reply.id === null && reply.error) this.outgoing.fail(fromRpcError(reply.error));
      else this.outgoing.settle(reply);
    }
  }
}

const UNREACHED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EACCES',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const LOST = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ETIMEDOUT', 'UND_ERR_DESTROYED']);

function fromUndici(error: Error, origin: string): TransportError {
  const { code, errors } = error as { code?: string; errors?: { code?: string }[] };
  const known = code ?? errors?.[0]?.code ?? '';
  const reason = UNREACHED.has(known) ? 'unroutable' : LOST.has(known) ? 'disconnected' : 'protocol';
  return new TransportError(`${origin}: ${error.message || known}`, 'json-rpc', reason, { cause: error });
}
