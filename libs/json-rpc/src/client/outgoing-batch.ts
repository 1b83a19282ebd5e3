import type { Outcome } from 'sallyport';
import type { RpcReply } from '../envelope/response.js';
import { fromRpcError } from '../json-rpc.errors.js';
import { OutgoingWork, requestText, type CallText } from './outgoing-call.js';
import type { Wire } from './wire.js';

export type BatchResult = (Outcome | undefined)[];

/** One of many in a message. */
export interface BatchMember extends CallText {
  readonly notify: boolean;
}

/** Many calls as one message, and one command. A notification has no outcome. */
export class OutgoingBatch extends OutgoingWork {
  ids: readonly number[] = [];
  private positions = new Map<unknown, number>();
  private outcomes: BatchResult = [];

  constructor(
    wire: Wire,
    added: Record<string, string> | undefined,
    private readonly members: readonly BatchMember[],
    private readonly nextId: () => number,
  ) {
    super(wire, added);
  }

  protected begin(): void {
    this.positions = new Map();
    for (const [position, { notify }] of this.members.entries()) {
      if (!notify) this.positions.set(this.nextId(), position);
    }
    this.ids = [...this.positions.keys()] as number[];
    this.outcomes = this.members.map(() => undefined);
  }

  text(inside: boolean): string {
    const ids = new Map([...this.positions].map(([id, position]) => [position, id as number]));
    const headers = inside ? this.headers : undefined;
    return `[${this.members.map((member, position) => requestText(member, ids.get(position), headers)).join(',')}]`;
  }

  settle({ id, error, result }: RpcReply): void {
    const position = this.positions.get(id);
    if (position === undefined) return;
    this.positions.delete(id);
    this.outcomes[position] = error ? { ok: false, error: fromRpcError(error) } : { ok: true, value: result };
    if (this.positions.size === 0) this.resolve(this.outcomes);
  }

  sent(): void {
    if (this.positions.size === 0) this.resolve(this.outcomes);
  }
}
