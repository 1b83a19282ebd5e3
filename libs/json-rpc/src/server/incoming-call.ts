import { Cancellation } from './cancellation.js';
import type { Members } from './members.js';
import type { Peer } from './peer.js';

/** What is known of whoever calls: of an HTTP request, or of the one that a WebSocket began with. */
export interface RpcRequestInfo {
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: Readonly<Record<string, string>>;
  /** Of the socket; empty where it has none, as on a Unix socket. */
  readonly remoteAddress: string;
}

/** One call on its way in; `raw` of its context. */
export class IncomingCall implements RpcRequestInfo {
  /** Aborted when nobody wants the reply any more. */
  readonly cancellation = new Cancellation();

  constructor(
    readonly method: string,
    /** As JSON; undefined for a notification. */
    readonly id: string | undefined,
    private readonly members: Members,
    private readonly position: number,
  ) {}

  get transport(): 'json-rpc' | 'websocket' {
    return this.members.origin.transport;
  }

  get peer(): Peer {
    return this.members.origin.peer;
  }

  get headers(): Readonly<Record<string, string>> {
    return this.peer.headers;
  }

  get cookies(): Readonly<Record<string, string>> {
    return this.peer.cookies;
  }

  get remoteAddress(): string {
    return this.peer.remoteAddress;
  }

  settle(reply: string | undefined): void {
    this.members.origin.ended(this);
    this.members.settled(this.position, reply);
  }
}
