import { Logger } from '@nestjs/common';
import type { Outcome } from 'sallyport';
import { idText, Source } from '../envelope/id.js';
import { resultJson, type ReplyFormat } from '../envelope/reply.js';
import { isCall, type RpcCall } from '../envelope/request.js';
import { MALFORMED, parse, textOf } from '../envelope/text.js';
import {
  ACCESS_DENIED,
  errorJson,
  INTERNAL_ERROR,
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  PARSE_ERROR,
  SHUTTING_DOWN,
} from '../json-rpc.errors.js';
import type { Authentication } from './authentication.js';
import { Batch } from './batch.js';
import { IncomingCall } from './incoming-call.js';
import { Single, type Members } from './members.js';
import type { Origin } from './origin.js';
import type { MethodTable, RpcMethod } from './rpc-method.js';

/** What bounds a message. */
export interface EndpointOptions {
  readonly maxBatch: number;
  readonly batchConcurrency: number;
  readonly maxDepth: number;
  /** Whether callers are told all that an error of ours says. */
  readonly trusted: boolean;
}

/** The id of what has none that could be trusted (JSON-RPC 2.0 §5). */
const NO_ID = 'null';

/**
 * Where a message becomes calls, and what comes of them its reply.
 *
 *   receive ─▶ serve, for each member ─▶ authenticate ─▶ dispatch ─▶ settle ─▶ the reply of the message
 */
export class Endpoint {
  private readonly logger = new Logger('JsonRpc');
  private leaving = false;

  constructor(
    private readonly methods: MethodTable,
    private readonly authentication: Authentication,
    private readonly format: ReplyFormat,
    private readonly options: EndpointOptions,
  ) {}

  /** From now on calls are refused. */
  leave(): void {
    this.leaving = true;
  }

  /** Answers `origin` once, now or later; never throws. */
  receive(bytes: Buffer, origin: Origin): void {
    const { maxDepth, maxBatch, batchConcurrency } = this.options;
    const text = textOf(bytes);
    const message = text === undefined ? MALFORMED : parse(text, maxDepth);
    if (message === MALFORMED) return origin.reply(this.format.error(NO_ID, PARSE_ERROR));
    const source = new Source(text!);
    if (!Array.isArray(message)) return this.serveAlone(message, origin, source);
    if (message.length === 0 || message.length > maxBatch) {
      return origin.reply(this.format.error(NO_ID, INVALID_REQUEST));
    }
    new Batch(origin, source, message, batchConcurrency).start(this.serveMember);
  }

  /** The same for a message that is no batch, and has been parsed. */
  serveAlone(message: unknown, origin: Origin, source: Source): void {
    this.serve(message, 0, new Single(origin, source));
  }

  private readonly serveMember = (message: unknown, position: number, members: Members): void =>
    this.serve(message, position, members);

  private serve(message: unknown, position: number, members: Members): void {
    if (!isCall(message)) return members.settled(position, this.format.error(NO_ID, INVALID_REQUEST));
    const { origin, source } = members;
    const id = message.id === undefined ? undefined : idText(message.id, source, position);
    const method = this.methods.get(message.method);
    if (method === undefined) {
      if (id === undefined) origin.controls(message);
      return members.settled(position, this.errorReply(id, METHOD_NOT_FOUND));
    }
    const call = new IncomingCall(message.method, id, members, position);
    const refusal = this.leaving ? SHUTTING_DOWN : origin.admit(call);
    if (refusal !== undefined) return members.settled(position, this.errorReply(id, refusal));
    if (method.private) void this.authenticate(method, message, call);
    else this.dispatch(method, message, call);
  }

  /** Before anybody looks at the params. */
  private async authenticate(method: RpcMethod, message: RpcCall, call: IncomingCall): Promise<void> {
    if (await this.authentication.accepts(call)) this.dispatch(method, message, call);
    else call.settle(this.errorReply(call.id, ACCESS_DENIED));
  }

  private dispatch(method: RpcMethod, message: RpcCall, call: IncomingCall): void {
    void method
      .dispatch(message.params, call, message)
      .then((outcome) => call.settle(call.id === undefined ? undefined : this.replyTo(call, call.id, outcome)));
  }

  private replyTo({ method }: IncomingCall, id: string, outcome: Outcome): string {
    if (!outcome.ok) return this.format.error(id, errorJson(outcome.error, this.options.trusted));
    const json = resultJson(outcome.value);
    if (json !== undefined) return this.format.result(id, json);
    this.logger.error(`What ${method} gave is no JSON`);
    return this.format.error(id, INTERNAL_ERROR);
  }

  private errorReply(id: string | undefined, error: string): string | undefined {
    return id === undefined ? undefined : this.format.error(id, error);
  }
}
