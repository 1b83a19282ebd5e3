import type { CallContext } from '../call.js';
import { NO_PERMIT } from './breaker.js';
import { LiveCall, type LiveCallOptions } from './live-call.js';
import type { Operation } from './operation.js';
import type { PooledCall } from './pool-state.js';
import type { Timekeeper } from './timekeeper.js';

/**
 * A call as the holder of a slot. The slot stays taken until the target has really settled, even when the caller was
 * told long ago: a bulkhead that forgets work which still runs does not bound anything.
 */
export abstract class Occupant extends LiveCall implements PooledCall {
  previous: PooledCall | null = null;
  next: PooledCall | null = null;
  protected permit = NO_PERMIT;
  private holdsSlot = false;
  private listed = false;
  /** Calls off what is to happen later: the next attempt, or giving back the slot of a target that hangs. */
  protected callOff: (() => void) | undefined = undefined;

  protected constructor(
    protected readonly operation: Operation,
    parent: CallContext,
    options: LiveCallOptions | undefined,
  ) {
    super(parent, options);
  }

  abstract start(): void;
  abstract handBack(): void;
  /** Whether the caller is still to be told. */
  protected abstract isOpen(): boolean;

  protected get time(): Timekeeper {
    return this.operation.pool.time;
  }

  /** Resolves once the target has really settled, or its slot was taken from it; at once where it holds none. */
  whenSettled(): Promise<void> {
    return this.holdsSlot ? new Promise((resolve) => this.whenReleased(resolve)) : Promise.resolve();
  }

  protected occupy(): void {
    this.holdsSlot = true;
  }

  /** Among the calls that the pool waits for when it drains. */
  protected list(): void {
    if (this.listed) return;
    this.listed = true;
    this.operation.pool.active.push(this);
  }

  protected unlist(): void {
    if (!this.listed) return;
    this.listed = false;
    this.operation.pool.active.remove(this);
  }

  /** The caller has been told; the target has not settled. */
  protected abandon(): void {
    const { pool } = this.operation;
    pool.abandoned++;
    if (pool.abandonAfterMs === undefined) return;
    this.callOff = this.time.at(this.time.now() + pool.abandonAfterMs, () => {
      pool.abandoned--;
      pool.hung++;
      this.endOccupancy();
    });
  }

  /** The target settled after its caller had been told. */
  protected settledLate(): void {
    const { pool } = this.operation;
    if (!this.holdsSlot) return void pool.hung--;
    this.callOff?.();
    pool.abandoned--;
    this.endOccupancy();
  }

  protected releaseSlot(): void {
    this.holdsSlot = false;
    this.unlistWhenDone();
    this.released();
    this.operation.pool.bulkhead.release();
  }

  protected unlistWhenDone(): void {
    if (this.holdsSlot || this.isOpen()) return;
    this.unlist();
    this.operation.pool.someoneLeft();
  }

  private endOccupancy(): void {
    this.operation.circuit.breaker.dropped(this.permit);
    this.releaseSlot();
  }
}
