import type { CallContext, Outcome } from '../call.js';
import type { Route } from './route.js';

/** One call of a route, once it is over. */
export interface WatchedCall {
  /** The name of the route, and its handler. */
  readonly route: string;
  readonly handler: string;
  /** As the handler got them; payload and context where it did not run. */
  readonly args: readonly unknown[];
  readonly outcome: Outcome;
}

type Watcher = (call: WatchedCall) => void;

/** Where tests wait for calls of routes; costs one comparison a call when nobody does. */
export class CallWatch {
  private readonly watchers = new Set<Watcher>();
  private readonly handed = new WeakMap<CallContext, readonly unknown[]>();

  get watched(): boolean {
    return this.watchers.size > 0;
  }

  /** Returns the way to stop it. */
  watch(watcher: Watcher): () => void {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  }

  /** What the handler is about to get. */
  hand(call: CallContext, args: readonly unknown[]): void {
    if (this.watched) this.handed.set(call, args);
  }

  tell(call: CallContext, route: Route, payload: unknown, outcome: Outcome): void {
    const { name, handler } = route;
    const args = this.handed.get(call) ?? route.argumentsOf(payload, call);
    for (const watcher of this.watchers) watcher({ route: name, handler, args, outcome });
  }
}
