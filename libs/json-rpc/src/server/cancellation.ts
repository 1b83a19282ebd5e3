type Listener = () => void;

/** As much of an AbortSignal as it takes to cancel a call: a real one costs more than all the rest of a call. */
export class Cancellation {
  aborted = false;
  reason: unknown = undefined;
  private listeners: Listener[] | undefined = undefined;

  /** For where a signal is asked for that nobody but the core looks at. */
  get signal(): AbortSignal {
    return this as unknown as AbortSignal;
  }

  addEventListener(_type: 'abort', listener: Listener): void {
    (this.listeners ??= []).push(listener);
  }

  removeEventListener(_type: 'abort', listener: Listener): void {
    this.listeners = this.listeners?.filter((other) => other !== listener);
  }

  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    for (const listener of this.listeners ?? []) listener();
  }
}
