import { isGatewayError } from 'sallyport';
import { contextHeaders, type Execution } from 'sallyport/internal';
import type { RpcReply } from '../envelope/response.js';
import { fromRpcError } from '../json-rpc.errors.js';
import type { Headers, Outgoing, Sent, Wire } from './wire.js';

const ATTEMPT = 'sallyport-attempt';
const PATIENCE_MS = 100;
const NONE: readonly number[] = [];

/** What one call says, before it has an id. */
export interface CallText {
  /** As JSON. */
  readonly method: string;
  /** As JSON; undefined: it has none. */
  readonly params: string | undefined;
}

/** JSON around JSON. Without an id it is a notification. */
export function requestText({ method, params }: CallText, id: number | undefined, inside?: Headers): string {
  const given = params === undefined ? '' : `,"params":${params}`;
  const context = inside === undefined ? '' : `,"sallyport":${JSON.stringify(inside)}`;
  return `{"jsonrpc":"2.0","method":${method}${given}${context}${id === undefined ? '' : `,"id":${id}`}}`;
}

/** What a command of the client does: sends a message and waits for what comes back. Each attempt is a message of its own. */
export abstract class OutgoingWork implements Outgoing {
  /** Set before it is submitted. */
  execution!: Execution;
  headers: Headers = {};
  protected resolve: (value: unknown) => void = ignore;
  protected reject: (error: Error) => void = ignore;

  constructor(
    private readonly wire: Wire,
    /** Those that the caller added. */
    private readonly added: Record<string, string> | undefined,
  ) {}

  abstract readonly ids: readonly number[];
  abstract text(inside: boolean): string;
  abstract settle(reply: RpcReply): void;
  abstract sent(): void;
  /** Gives its calls their ids. */
  protected abstract begin(): void;

  /** The target of the command. */
  run(): Promise<unknown> {
    const { execution } = this;
    const { attempt } = execution;
    const timeoutMs = execution.remainingMs();
    const headers = attempt === 1 ? this.added : { ...this.added, [ATTEMPT]: String(attempt) };
    this.headers = contextHeaders({ headers, timeoutMs });
    this.begin();
    return new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
      const sent = this.wire.send(this);
      execution.whenAborted((reason) => giveUp(sent, reason));
    });
  }

  fail(error: Error): void {
    this.reject(error);
  }
}

/** One call or notification. */
export class OutgoingCall extends OutgoingWork {
  ids: readonly number[] = NONE;

  constructor(
    wire: Wire,
    added: Record<string, string> | undefined,
    private readonly call: CallText,
    /** Undefined: a notification. */
    private readonly nextId: (() => number) | undefined,
  ) {
    super(wire, added);
  }

  protected begin(): void {
    if (this.nextId !== undefined) this.ids = [this.nextId()];
  }

  text(inside: boolean): string {
    return requestText(this.call, this.ids[0], inside ? this.headers : undefined);
  }

  settle({ id, error, result }: RpcReply): void {
    if (id !== this.ids[0]) return;
    if (error === undefined || error === null) this.resolve(result);
    else this.reject(fromRpcError(error));
  }

  sent(): void {
    if (this.nextId === undefined) this.resolve(undefined);
  }
}

/** The other side was told the deadline: its answer that it has passed is about to come, and the connection goes on. */
function giveUp(sent: Sent, reason: Error): void {
  if (isGatewayError(reason, 'CALL_TIMEOUT')) setTimeout(() => sent.cancel(reason), PATIENCE_MS).unref();
  else sent.cancel(reason);
}

function ignore(): void {}
