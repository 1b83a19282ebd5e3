import type { Telemetry } from '../telemetry.js';
import { Breaker, type CircuitState } from './breaker.js';
import { Histogram } from './histogram.js';
import type { ResolvedBreakerOptions } from './pool.options.js';
import type { Timekeeper } from './timekeeper.js';

/** How calls ended since the start, each call once, before any fallback; and what they took lately. */
export interface CallCounts {
  /** Answered, be it with an error that `isFailure` says is none. */
  succeeded: number;
  failed: number;
  timedOut: number;
  /** By the circuit, the bulkhead or the shutdown: the handler did not run. */
  refused: number;
  cancelled: number;
  /** Calls that a fallback was asked to answer. */
  fallbacks: number;
  /** Attempts after the first. */
  retries: number;
  /** Of single attempts in the handler, over the last 10 to 20 s, in ms. */
  p50Ms: number;
  p99Ms: number;
}

export interface CircuitSnapshot {
  key: string;
  state: CircuitState;
  retryAfterMs: number;
  counts: CallCounts;
}

/** What is kept for one command key of a pool: its breaker and its numbers. */
export class Circuit {
  readonly breaker: Breaker;
  readonly latency = new Histogram();
  /** For messages, put together once. */
  readonly label: string;
  succeeded = 0;
  failed = 0;
  timedOut = 0;
  refused = 0;
  cancelled = 0;
  fallbacks = 0;
  retries = 0;

  constructor(
    readonly group: string,
    readonly key: string,
    options: ResolvedBreakerOptions | false,
    private readonly time: Timekeeper,
    telemetry: Telemetry,
  ) {
    this.label = `"${key}" in group "${group}"`;
    const events = { open: 'circuitOpened', 'half-open': 'circuitHalfOpened', closed: 'circuitClosed' } as const;
    this.breaker = new Breaker(options, time, (state) => telemetry.emit(events[state], { group, key }));
  }

  snapshot(): CircuitSnapshot {
    const { key, succeeded, failed, timedOut, refused, cancelled, fallbacks, retries, latency } = this;
    const now = this.time.now();
    const percentiles = { p50Ms: latency.percentile(0.5, now), p99Ms: latency.percentile(0.99, now) };
    return {
      key,
      state: this.breaker.current(),
      retryAfterMs: this.breaker.retryAfterMs(),
      counts: { succeeded, failed, timedOut, refused, cancelled, fallbacks, retries, ...percentiles },
    };
  }
}
