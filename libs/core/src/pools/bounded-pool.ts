import type { CallContext, CallOptions } from '../call.js';
import { checkCallOptions } from '../call.options.js';
import { ConfigurationError } from '../errors.js';
import type { ForcedState } from './breaker.js';
import { Circuit, type CircuitSnapshot } from './circuit.js';
import { Execution } from './execution.js';
import { composeOperation, type Operation } from './operation.js';
import { resolveBreaker, type BreakerOptions } from './pool.options.js';
import { PoolState } from './pool-state.js';
import type { Result } from './result.js';

/** A pool at one moment. */
export interface PoolSnapshot {
  group: string;
  /** Slots that are taken, the abandoned included. */
  running: number;
  queued: number;
  /** Callers were told already, but the target still holds its slot. */
  abandoned: number;
  /** Targets that still run although `abandonAfterMs` took their slot. */
  hung: number;
  maxConcurrent: number;
  maxQueue: number;
  circuits: CircuitSnapshot[];
}

export interface PoolPatch {
  maxConcurrent?: number;
  maxQueue?: number;
  /** For calls from now on. */
  timeoutMs?: number | false;
  circuit?: ForcedState | 'auto';
  /** The one circuit that `circuit` is about. @default every circuit of the pool */
  key?: string;
}

/** A named bound on what runs at once, with a queue, a time limit and circuits of its own. */
export interface Pool {
  readonly group: string;
  snapshot(): PoolSnapshot;
  /** Runs `task` as a call of this pool. `key` names its circuit and its counts. @default key = the group */
  execute<T>(task: (call: CallContext) => Result<T>, options?: CallOptions & { key?: string }): Promise<T>;
}

/** Keys come from code, but `execute` takes any string: what is over this shares one circuit. */
const MAX_CIRCUITS = 1_000;
const OVERFLOW_KEY = '(other)';

export class BoundedPool extends PoolState implements Pool {
  private readonly circuits = new Map<string, Circuit>();
  private readonly operations = new Map<string, Operation>();
  private forced: ForcedState | undefined;

  circuit(key: string, options?: BreakerOptions | false): Circuit {
    const existing = this.circuits.get(key);
    if (existing !== undefined) return existing;
    const breaker = resolveBreaker(this.options.breaker, options);
    const circuit = new Circuit(this.group, key, breaker, this.time, this.telemetry);
    circuit.breaker.force(this.forced);
    this.circuits.set(key, circuit);
    return circuit;
  }

  /** What the circuits of its routes are like. */
  get routeBreaker(): BreakerOptions | false {
    return this.options.routeBreaker;
  }

  execute<T>(
    task: (call: CallContext) => Result<T>,
    { key = this.group, ...options }: CallOptions & { key?: string } = {},
  ): Promise<T> {
    try {
      checkCallOptions(options);
    } catch (error) {
      return Promise.reject(error);
    }
    const args: unknown[] = [];
    const execution = new Execution(this.operationFor(key), task, undefined, args, options);
    args.push(execution);
    return execution.submit<T>();
  }

  update(patch: PoolPatch): void {
    const { maxConcurrent, maxQueue } = this.bulkhead.limits;
    if (patch.timeoutMs !== undefined) this.timeoutMs = patch.timeoutMs;
    if (patch.circuit !== undefined) this.force(patch.circuit === 'auto' ? undefined : patch.circuit, patch.key);
    if (patch.maxConcurrent === undefined && patch.maxQueue === undefined) return;
    this.bulkhead.resize(patch.maxConcurrent ?? maxConcurrent, patch.maxQueue ?? maxQueue);
    this.telemetry.emit('poolResized', { group: this.group, maxConcurrent: patch.maxConcurrent ?? maxConcurrent });
  }

  snapshot(): PoolSnapshot {
    const { group, bulkhead, abandoned, hung } = this;
    const circuits = [...this.circuits.values()].map((circuit) => circuit.snapshot());
    const { running, queued } = bulkhead;
    return { group, running, queued, abandoned, hung, ...bulkhead.limits, circuits };
  }

  /** Refuses from now on, hands back what waits and aborts what runs. Returns how many calls that cut short. */
  close(reason: Error): number {
    this.closed = true;
    const waiting = this.bulkhead.waiting();
    for (const execution of waiting) execution.handBack();
    const cut = this.active.toArray().filter((execution) => execution.cancel(reason));
    for (const circuit of this.circuits.values()) circuit.breaker.stop();
    return waiting.length + cut.length;
  }

  private force(forced: ForcedState | undefined, key: string | undefined): void {
    if (key === undefined) {
      this.forced = forced;
      for (const circuit of this.circuits.values()) circuit.breaker.force(forced);
      return;
    }
    const circuit = this.circuits.get(key);
    if (circuit === undefined) {
      throw new ConfigurationError([{ path: `pools.${this.group}`, message: `has no circuit "${key}"` }]);
    }
    circuit.breaker.force(forced);
  }

  private operationFor(key: string): Operation {
    const known = this.operations.get(key);
    if (known !== undefined) return known;
    if (this.operations.size >= MAX_CIRCUITS && key !== OVERFLOW_KEY) return this.operationFor(OVERFLOW_KEY);
    const operation = composeOperation(this, key);
    this.operations.set(key, operation);
    return operation;
  }
}
