import type { RpcReply } from '../envelope/response.js';
import type { Headers, Outgoing, Sent, Wire } from './wire.js';

/** The most that goes into one message. */
const MAX_CALLS = 100;
const DEADLINE = 'sallyport-deadline-ms';
const OF_ONE_CALL = new Set([DEADLINE, 'sallyport-call-id', 'sallyport-attempt']);

/** Sends what comes in one tick as one message; what has other headers goes apart. */
export class TickBatches implements Wire {
  private readonly open = new Map<string, TickBatch>();

  constructor(private readonly wire: Wire) {}

  get driver(): unknown {
    return this.wire.driver;
  }

  connect(): Promise<void> {
    return this.wire.connect();
  }

  close(): Promise<void> {
    return this.wire.close();
  }

  send(outgoing: Outgoing): Sent {
    const key = keyOf(outgoing.headers);
    if (this.open.size === 0) process.nextTick(flush, this);
    let batch = this.open.get(key);
    if (batch === undefined || batch.isFull) this.open.set(key, (batch = this.next(key)));
    return batch.add(outgoing);
  }

  flush(): void {
    const batches = [...this.open.values()];
    this.open.clear();
    for (const batch of batches) batch.send(this.wire);
  }

  /** A full one goes out at once. */
  private next(key: string): TickBatch {
    this.open.get(key)?.send(this.wire);
    return new TickBatch();
  }
}

/** Some calls as one message. */
class TickBatch implements Outgoing {
  private readonly members: Outgoing[] = [];
  private readonly byId = new Map<unknown, Outgoing>();
  private wanted = 0;
  private onItsWay: Sent | undefined;

  get isFull(): boolean {
    return this.members.length >= MAX_CALLS;
  }

  get ids(): readonly number[] {
    return [...this.byId.keys()] as number[];
  }

  /** Of several calls the longest deadline counts: each looks after its own here. */
  get headers(): Headers {
    const [first, ...others] = this.members;
    if (others.length === 0) return first!.headers;
    const shared = Object.entries(first!.headers).filter(([name]) => !OF_ONE_CALL.has(name));
    const deadlines = this.members.map(({ headers }) => Number(headers[DEADLINE] ?? Infinity));
    const longest = Math.max(...deadlines);
    if (longest !== Infinity) shared.push([DEADLINE, String(longest)]);
    return Object.fromEntries(shared);
  }

  add(outgoing: Outgoing): Sent {
    this.members.push(outgoing);
    this.wanted++;
    return { cancel: (reason) => this.leave(outgoing, reason) };
  }

  send(wire: Wire): void {
    if (this.members.length === 0) return;
    for (const member of this.members) for (const id of member.ids) this.byId.set(id, member);
    this.onItsWay = wire.send(this);
  }

  text(inside: boolean): string {
    const texts = this.members.map((member) => member.text(inside));
    return texts.length === 1 ? texts[0]! : `[${texts.join(',')}]`;
  }

  settle(reply: RpcReply): void {
    this.byId.get(reply.id)?.settle(reply);
  }

  sent(): void {
    for (const member of this.members) member.sent();
  }

  fail(error: Error): void {
    for (const member of this.members) member.fail(error);
  }

  /** What has gone out with others comes back with them: nobody looks at its reply any more. */
  private leave(outgoing: Outgoing, reason: Error): void {
    outgoing.fail(reason);
    if (--this.wanted === 0) this.onItsWay?.cancel(reason);
    if (this.onItsWay === undefined) this.members.splice(this.members.indexOf(outgoing), 1);
  }
}

function keyOf(headers: Headers): string {
  const shared = Object.entries(headers).filter(([name]) => !OF_ONE_CALL.has(name));
  return shared.length === 0 ? '' : JSON.stringify(shared.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function flush(batches: TickBatches): void {
  batches.flush();
}
