import type { Telemetry } from '../telemetry.js';
import { Bulkhead } from './bulkhead.js';
import { Chain, type Linked } from './chain.js';
import type { ResolvedPoolOptions } from './pool.options.js';
import { RetryBudget } from './retry.js';
import type { Timekeeper } from './timekeeper.js';

/** A call as its pool knows it. */
export interface PooledCall extends Linked<PooledCall> {
  /** With a slot in hand. */
  start(): void;
  /** The process is going away and the call has not begun. */
  handBack(): void;
  /** True: its caller was still to be told. */
  cancel(reason?: unknown): boolean;
}

/** What the calls of one pool share. */
export abstract class PoolState {
  readonly bulkhead: Bulkhead<PooledCall>;
  readonly retryBudget: RetryBudget;
  readonly abandonAfterMs: number | undefined;
  /** Calls that run, wait for another attempt, or for their fallback. */
  readonly active = new Chain<PooledCall>();
  timeoutMs: number | false;
  /** Callers were told already, but the target still holds its slot. */
  abandoned = 0;
  /** Targets that still run although `abandonAfterMs` took their slot. */
  hung = 0;
  closed = false;
  private idle: (() => void)[] = [];

  constructor(
    readonly group: string,
    protected readonly options: Readonly<ResolvedPoolOptions>,
    readonly time: Timekeeper,
    readonly telemetry: Telemetry,
  ) {
    this.bulkhead = new Bulkhead(options.maxConcurrent, options.maxQueue);
    this.retryBudget = new RetryBudget(options.retryBudget);
    this.timeoutMs = options.timeoutMs;
    this.abandonAfterMs = options.abandonAfterMs;
  }

  /** Resolves when no call is open and no slot is taken. */
  whenIdle(): Promise<void> {
    if (this.isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.idle.push(resolve));
  }

  /** Said by a call that is over. */
  someoneLeft(): void {
    if (this.idle.length > 0 && this.isIdle()) for (const resolve of this.idle.splice(0)) resolve();
  }

  private isIdle(): boolean {
    return this.active.size === 0 && this.bulkhead.queued === 0;
  }
}
