import { EventEmitter } from 'node:events';
import CircuitBreaker from 'opossum';
import type { ResolvedBreakerOptions } from './pool.options.js';
import type { Timekeeper } from './timekeeper.js';
import { SlidingWindow } from './window.js';

export type CircuitState = 'closed' | 'open' | 'half-open' | 'forced-open' | 'forced-closed';
export type ForcedState = 'forced-open' | 'forced-closed';

/** A permit that was refused. */
export const NO_PERMIT = -1;

const SUCCEEDED = 0;
const FAILED = 1;
const SLOW = 2;

/**
 * Decides whether a target may be called at all. The only file that knows opossum.
 *
 *            failureRatio of at least minimumCalls in windowMs
 *   closed ───────────────────────────────────────────────────▶ open
 *     ▲                                                         │ ▲
 *     │ halfOpenCalls succeeded                       openForMs │ │ one of them failed
 *     └───────────────────────── half-open ◀────────────────────┘ │
 *                                    └────────────────────────────┘
 *
 * opossum holds the state and its transitions. Counting and admission are ours: its own call path is several times
 * dearer, keeps each latency of the window and sorts them at each failure. A permit carries the epoch in which it
 * was given, so that what began before a transition says nothing about the state after it.
 */
export class Breaker {
  /** Whether it has to be told how long calls took. */
  readonly timesCalls: boolean;
  private readonly window: SlidingWindow | undefined;
  /** Made at the first trip: most circuits never open, and opossum's object is 4 KB. */
  private circuit: CircuitBreaker | undefined;
  private state: 'closed' | 'open' | 'half-open' = 'closed';
  private forced: ForcedState | undefined;
  /** The one comparison a call costs in the ordinary case. */
  private closed = true;
  private epoch = 0;
  private reopenAt = 0;
  private permits = 0;
  private passed = 0;

  /** `options` false: never opens by itself, but can be forced. */
  constructor(
    private readonly options: ResolvedBreakerOptions | false,
    private readonly time: Timekeeper,
    private readonly announce: (state: 'open' | 'half-open' | 'closed') => void,
  ) {
    if (options) this.window = new SlidingWindow(options.windowMs, 3);
    this.timesCalls = options !== false && options.slowCallMs !== Infinity;
  }

  /** Whether a call may queue for a slot. */
  admits(): boolean {
    return this.closed || this.admitsNow();
  }

  /** Taken with a slot in hand, given back by exactly one of `succeeded`, `failed`, `dropped`. */
  permit(): number {
    if (this.closed) return this.epoch;
    if (!this.admitsNow()) return NO_PERMIT;
    if (this.state === 'half-open' && this.forced === undefined) this.permits--;
    return this.epoch;
  }

  succeeded(epoch: number, durationMs: number): void {
    if (!this.counts(epoch)) return;
    const slow = this.isSlow(durationMs);
    if (this.state === 'half-open') this.probed(!slow);
    else this.count(SUCCEEDED, slow);
  }

  failed(epoch: number, durationMs: number): void {
    if (!this.counts(epoch)) return;
    if (this.state === 'half-open') this.probed(false);
    else this.count(FAILED, this.isSlow(durationMs));
  }

  /** The call ended without a word about the target: cancelled, or refused further in. */
  dropped(epoch: number): void {
    if (this.counts(epoch) && this.state === 'half-open') this.permits++;
  }

  force(forced: ForcedState | undefined): void {
    this.forced = forced;
    this.epoch++;
    this.window?.clear();
    this.grantPermits();
    this.closed = forced === 'forced-closed' || (forced === undefined && this.state === 'closed');
  }

  current(): CircuitState {
    if (this.forced !== undefined) return this.forced;
    this.admits();
    return this.state;
  }

  /** How long until a call is let through on trial; 0 where it is, or may be, at once. */
  retryAfterMs(): number {
    return this.state === 'open' ? Math.max(0, this.reopenAt - this.time.now()) : 0;
  }

  stop(): void {
    this.circuit?.shutdown();
  }

  private counts(epoch: number): boolean {
    return this.window !== undefined && epoch === this.epoch && this.forced === undefined;
  }

  private isSlow(durationMs: number): boolean {
    return this.timesCalls && durationMs >= (this.options as ResolvedBreakerOptions).slowCallMs;
  }

  private admitsNow(): boolean {
    if (this.forced !== undefined) return this.forced === 'forced-closed';
    if (this.state === 'open' && this.time.now() >= this.reopenAt) this.halfOpen();
    return this.state === 'closed' || (this.state === 'half-open' && this.permits > 0);
  }

  private count(row: number, slow: boolean): void {
    const now = this.time.coarse();
    this.window!.add(row, now);
    if (slow) this.window!.add(SLOW, now);
    if ((slow || row === FAILED) && this.tooMany(now)) this.open();
  }

  private tooMany(now: number): boolean {
    const { minimumCalls, failureRatio, slowCallRatio } = this.options as ResolvedBreakerOptions;
    const failed = this.window!.sum(FAILED, now);
    const total = failed + this.window!.sum(SUCCEEDED, now);
    if (total < minimumCalls) return false;
    return failed >= failureRatio * total || (this.timesCalls && this.window!.sum(SLOW, now) >= slowCallRatio * total);
  }

  private probed(well: boolean): void {
    if (!well) this.open();
    else if (++this.passed >= (this.options as ResolvedBreakerOptions).halfOpenCalls) this.close();
  }

  private open(): void {
    this.reopenAt = this.time.now() + (this.options as ResolvedBreakerOptions).openForMs;
    this.circuit ??= this.opossum({ closed: true });
    this.circuit.open();
  }

  /** opossum goes half-open on a timer of its own; on the clock of the app it is put there. */
  private halfOpen(): void {
    this.circuit?.shutdown();
    this.circuit = this.opossum({ closed: false, halfOpen: true });
    this.grantPermits();
    this.moved('half-open');
  }

  private grantPermits(): void {
    this.permits = this.options ? this.options.halfOpenCalls : 0;
    this.passed = 0;
  }

  private close(): void {
    this.window!.clear();
    this.circuit!.close();
  }

  private moved(state: 'closed' | 'open' | 'half-open'): void {
    this.state = state;
    this.closed = state === 'closed';
    this.epoch++;
    this.announce(state);
  }

  private opossum(state: { closed: boolean; halfOpen?: boolean }): CircuitBreaker {
    const circuit = new CircuitBreaker(async () => undefined, {
      state: { enabled: true, ...state },
      timeout: false,
      resetTimeout: 2 ** 31 - 1,
      enableSnapshots: false,
      rollingPercentilesEnabled: false,
      rotateBucketController: new EventEmitter(),
    } as CircuitBreaker.Options);
    circuit.on('open', () => this.moved('open'));
    circuit.on('close', () => this.moved('closed'));
    return circuit;
  }
}
