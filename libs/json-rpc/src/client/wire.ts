import type { RpcReply } from '../envelope/response.js';

export type Headers = Readonly<Record<string, string>>;

/** What goes out as one message, and takes what comes back. */
export interface Outgoing {
  /** Of the context in which it is sent. */
  readonly headers: Headers;
  /** Of the calls in it; none: nothing comes back. */
  readonly ids: readonly number[];
  /** One request object or an array of them. `inside`: with the context headers in each, where the wire has no other place. */
  text(inside: boolean): string;
  /** A reply to one of its calls. */
  settle(reply: RpcReply): void;
  /** It was handed over; where nothing comes back, that is all. */
  sent(): void;
  /** Nothing more will come. */
  fail(error: Error): void;
}

/** A message on its way. */
export interface Sent {
  /** Nobody waits for it any more; it fails with that reason. */
  cancel(reason: Error): void;
}

/** The way to one service and back. */
export interface Wire {
  send(outgoing: Outgoing): Sent;
  /** Resolves when calls can be made. */
  connect(): Promise<void>;
  close(): Promise<void>;
  /** The driver's own object. */
  readonly driver: unknown;
}
