import type { IncomingMessage, ServerResponse } from 'node:http';
import { CANCELLED } from '../json-rpc.errors.js';
import type { Endpoint } from './endpoint.js';
import { NOT_JSON, NOT_POSTED, refuse, refuseUnread, TOO_LARGE, type HttpRefusal } from './http-refusal.js';
import type { IncomingCall } from './incoming-call.js';
import type { Origin } from './origin.js';
import { Peer } from './peer.js';

const JSON_TYPE = 'application/json';
const TYPES = /^application\/json(-rpc)?\s*(;|$)/i;

/** One POST: its body is a message, its response the reply. */
export class HttpExchange implements Origin {
  readonly transport = 'json-rpc';
  readonly peer: Peer;
  private readonly calls: IncomingCall[] = [];
  private readonly chunks: Buffer[] = [];
  private size = 0;
  private gone = false;

  constructor(
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly endpoint: Endpoint,
    private readonly maxBodyBytes: number,
  ) {
    this.peer = new Peer(request);
  }

  /** Reads the message, where it is one. */
  begin(): void {
    const { request, response } = this;
    const refusal = this.refusal();
    if (refusal !== undefined) return this.refuse(refusal);
    if (request.headers.expect !== undefined) response.writeContinue();
    request.on('data', (chunk: Buffer) => this.take(chunk));
    request.on('end', () => this.end());
  }

  admit(call: IncomingCall): string | undefined {
    if (this.gone) return CANCELLED;
    this.calls.push(call);
    return undefined;
  }

  ended(): void {}

  controls(): void {}

  reply(text: string | undefined): void {
    const { response } = this;
    if (response.destroyed) return;
    if (text === undefined) {
      response.writeHead(204).end();
      return;
    }
    response.writeHead(200, ['content-type', JSON_TYPE, 'content-length', String(Buffer.byteLength(text))]);
    response.end(text);
  }

  private refusal(): HttpRefusal | undefined {
    const { method, headers } = this.request;
    if (method !== 'POST') return NOT_POSTED;
    const type = headers['content-type'];
    if (type !== JSON_TYPE && (type === undefined || !TYPES.test(type))) return NOT_JSON;
    const encoding = headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') return NOT_JSON;
    return Number(headers['content-length']) > this.maxBodyBytes ? TOO_LARGE : undefined;
  }

  /** What is short enough Node reads to its end, and the connection stays. */
  private refuse(refusal: HttpRefusal): void {
    const { request, response } = this;
    const { expect, 'transfer-encoding': encoding, 'content-length': length = 0 } = request.headers;
    if (expect !== undefined) response.shouldKeepAlive = false;
    const unread = encoding !== undefined || Number(length) > this.maxBodyBytes;
    if (unread && expect === undefined) refuseUnread(response, refusal);
    else refuse(response, refusal);
  }

  private take(chunk: Buffer): void {
    const fitted = this.size <= this.maxBodyBytes;
    this.size += chunk.length;
    if (this.size <= this.maxBodyBytes) this.chunks.push(chunk);
    else if (fitted) {
      this.chunks.length = 0;
      refuseUnread(this.response, TOO_LARGE);
    }
  }

  private end(): void {
    if (this.size > this.maxBodyBytes) return;
    const { chunks, response } = this;
    this.endpoint.receive(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks), this);
    if (response.headersSent) return;
    response.once('close', () => {
      if (!response.writableFinished) this.abandon();
    });
  }

  /** Nobody will read the reply. */
  private abandon(): void {
    this.gone = true;
    const reason = new Error('the client closed its connection');
    for (const { cancellation } of this.calls) cancellation.abort(reason);
  }
}
