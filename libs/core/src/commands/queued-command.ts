import type { Execution } from '../pools/execution.js';

/** A call that was started and can be called off. A rejection nobody awaits is an event, never an `unhandledRejection`. */
export interface QueuedCommand<T> extends Promise<T> {
  readonly id: string;
  readonly state: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';
  /** True: it was still open, and now rejects with `CallCancelledError`, `reason` as its cause and without fallback. */
  cancel(reason?: unknown): boolean;
}

/** Starts `execution` at once. */
export class QueuedCall<T> extends Promise<T> implements QueuedCommand<T> {
  constructor(private readonly execution: Execution) {
    super((resolve) => resolve(execution.submit<T>()));
    this.catch(() => undefined);
  }

  /** What `then` gives is an ordinary promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  get id(): string {
    return this.execution.id;
  }

  get state(): QueuedCommand<T>['state'] {
    return this.execution.state;
  }

  cancel(reason?: unknown): boolean {
    return this.execution.cancel(reason);
  }
}
