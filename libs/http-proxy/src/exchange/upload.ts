import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

/** Whether a body follows the head of a request (RFC 9112 §6.3). */
export function hasBody({ headers }: IncomingMessage): boolean {
  if (headers['transfer-encoding'] !== undefined) return true;
  return headers['content-length'] !== undefined && headers['content-length'] !== '0';
}

/**
 * The body of a client's request. Destroying the request itself would cut the client's connection, on which an answer
 * still has to go out. A client that waits for `100 Continue` gets it when the upstream is ready for the first byte.
 */
export class Upload extends Readable {
  /** From then on the request cannot be sent a second time. */
  begun = false;

  constructor(
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
  ) {
    super();
  }

  override _read(): void {
    if (!this.begun) this.begin();
    this.request.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const { request } = this;
    request.off('data', this.forward).off('end', this.finish).off('close', this.lose);
    callback(error);
  }

  private begin(): void {
    this.begun = true;
    const { request, response } = this;
    if (request.headers.expect !== undefined && !response.headersSent) response.writeContinue();
    request.on('data', this.forward).on('end', this.finish).on('close', this.lose);
  }

  private readonly forward = (chunk: Buffer): void => {
    if (!this.push(chunk)) this.request.pause();
  };

  private readonly finish = (): void => {
    this.push(null);
  };

  private readonly lose = (): void => {
    if (!this.readableEnded && !this.request.readableEnded) this.destroy(new Error('the client is gone'));
  };
}
