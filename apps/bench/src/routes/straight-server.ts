import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';

/** Nest's side of the straight wire: a strategy that keeps the handlers that it is given. */
export class StraightServer extends Server implements CustomTransportStrategy {
  /** As Nest has composed it, for its own transports too. */
  get handler(): MessageHandler {
    const [handler] = this.messageHandlers.values();
    return handler!;
  }

  listen(callback: () => void): void {
    callback();
  }

  close(): void {}

  on(): void {}

  unwrap<T>(): T {
    return undefined as T;
  }
}
