import type { RpcCall } from '../envelope/request.js';
import type { IncomingCall } from './incoming-call.js';
import type { Peer } from './peer.js';

/** Where a message came from, and where its reply goes. */
export interface Origin {
  readonly transport: 'json-rpc' | 'websocket';
  readonly peer: Peer;
  /** A call is about to run; gives the error, as JSON, where it may not. */
  admit(call: IncomingCall): string | undefined;
  /** One that was admitted is over, whatever came of it. */
  ended(call: IncomingCall): void;
  /** A notification that no method answers to: it may be about the connection itself. */
  controls(notification: RpcCall): void;
  /** Once for each message; undefined: it has none. */
  reply(text: string | undefined): void;
}
