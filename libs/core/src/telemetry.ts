import { Injectable, Logger } from '@nestjs/common';
import type { CallContext } from './call.js';

export interface CallEvent {
  group: string;
  key: string;
  /** The call itself; the enclosing one for a command with `context: false`. */
  call: CallContext;
  error?: Error;
  /** In the handler, of the last attempt; 0 where it did not run. */
  durationMs: number;
  /** From submission to the start of the last attempt, or to now where none began. */
  waitedMs: number;
}

/** What the framework tells about itself, in the past tense. */
export interface TelemetryEvents {
  callStarted: CallEvent;
  /** With `error`: the handler answered with an error that `isFailure` says is none. */
  callSucceeded: CallEvent;
  callFailed: CallEvent;
  callTimedOut: CallEvent;
  callRefused: CallEvent;
  callCancelled: CallEvent;
  callRetried: CallEvent;
  fallbackUsed: CallEvent;
  circuitOpened: { group: string; key: string };
  circuitHalfOpened: { group: string; key: string };
  circuitClosed: { group: string; key: string };
  poolResized: { group: string; maxConcurrent: number };
  /** `cut`: how many calls the grace of the shutdown was too short for. */
  drained: { cut: number };
}

type Listener = (event: never) => unknown;

/** Where metrics, logs and dashboards listen; costs one comparison a call when nobody does. */
@Injectable()
export class Telemetry {
  /** Read on the call path. */
  private listening = false;
  private readonly listeners = new Map<keyof TelemetryEvents, Set<{ readonly listener: Listener }>>();
  private readonly logger = new Logger(Telemetry.name);

  /** Calls `listener` for each such event from now on, synchronously; returns the way to stop it. */
  on<K extends keyof TelemetryEvents>(event: K, listener: (event: Readonly<TelemetryEvents[K]>) => void): () => void {
    const listeners = this.listeners.get(event) ?? new Set();
    const entry = { listener };
    this.listeners.set(event, listeners.add(entry));
    this.listening = true;
    return () => {
      listeners.delete(entry);
      this.listening = [...this.listeners.values()].some((set) => set.size > 0);
    };
  }

  /** @internal Whether it is worth measuring anything for the sake of a listener. */
  get heard(): boolean {
    return this.listening;
  }

  /** @internal A listener that throws, or rejects, is logged and changes nothing. */
  emit<K extends keyof TelemetryEvents>(event: K, payload: TelemetryEvents[K]): void {
    for (const { listener } of this.listeners.get(event) ?? []) {
      try {
        const result = listener(payload as never);
        if (result instanceof Promise) result.catch((error: unknown) => this.blame(event, error));
      } catch (error) {
        this.blame(event, error);
      }
    }
  }

  private blame(event: string, error: unknown): void {
    this.logger.error(`A listener of ${event} threw`, error instanceof Error ? error.stack : error);
  }
}
