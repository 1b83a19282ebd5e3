import type { Clock } from '../clock.js';
import { ConfigurationError } from '../errors.js';
import { failOn, name, oneOf, problemsOf } from '../options.js';
import type { Telemetry } from '../telemetry.js';
import { BoundedPool, type Pool, type PoolPatch, type PoolSnapshot } from './bounded-pool.js';
import { limitShape, poolProblems, resolvePool, type PoolOptions } from './pool.options.js';
import { ClockTimekeeper, type Timekeeper } from './timekeeper.js';
import { Wheel } from './wheel.js';

/** Every pool of the app, by its group. */
export abstract class PoolRegistry {
  abstract get(group: string): Pool | undefined;
  /** @throws ConfigurationError when the group exists, or for bad options */
  abstract register(group: string, options?: PoolOptions): Pool;
  /** Live: lowering `maxConcurrent` lets running work finish. @throws ConfigurationError for an unknown group or key */
  abstract update(group: string, patch: PoolPatch): void;
  abstract groups(): string[];
  abstract snapshot(): PoolSnapshot[];
}

const patchShape = { ...limitShape, circuit: oneOf('forced-open', 'forced-closed', 'auto'), key: name };

export class Pools extends PoolRegistry {
  readonly time: Timekeeper;
  private readonly pools = new Map<string, BoundedPool>();
  private readonly registered = new Set<string>();
  private closedBy: Error | undefined;

  constructor(
    private readonly defaults: PoolOptions | undefined,
    private readonly telemetry: Telemetry,
    clock?: Clock,
  ) {
    super();
    this.time = clock === undefined ? new Wheel() : new ClockTimekeeper(clock);
  }

  get(group: string): BoundedPool | undefined {
    return this.pools.get(group);
  }

  register(group: string, options: PoolOptions = {}): BoundedPool {
    const message = name(group);
    if (message !== undefined) throw new ConfigurationError([{ path: 'pools', message: `a group ${message}` }]);
    if (this.pools.has(group)) {
      throw new ConfigurationError([{ path: `pools.${group}`, message: 'exists already; use PoolRegistry.update()' }]);
    }
    failOn(poolProblems(options, `pools.${group}`));
    this.registered.add(group);
    return this.create(group, options);
  }

  /** The pool of that group, made from the defaults where nobody registered one. */
  ensure(group: string): BoundedPool {
    return this.pools.get(group) ?? this.create(group);
  }

  isRegistered(group: string): boolean {
    return this.registered.has(group);
  }

  update(group: string, patch: PoolPatch): void {
    const pool = this.pools.get(group);
    if (pool === undefined) {
      const known = this.groups().join(', ') || 'none';
      throw new ConfigurationError([
        { path: `pools.${group}`, message: `is no pool of this app (there are: ${known})` },
      ]);
    }
    failOn(problemsOf(patch, patchShape, `pools.${group}`));
    pool.update(patch);
  }

  groups(): string[] {
    return [...this.pools.keys()];
  }

  snapshot(): PoolSnapshot[] {
    return [...this.pools.values()].map((pool) => pool.snapshot());
  }

  async whenIdle(): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.whenIdle()));
  }

  /** Returns how many calls that cut short. */
  close(reason: Error): number {
    this.closedBy = reason;
    return [...this.pools.values()].reduce((cut, pool) => cut + pool.close(reason), 0);
  }

  private create(group: string, options?: PoolOptions): BoundedPool {
    const pool = new BoundedPool(group, resolvePool(group, this.defaults, options), this.time, this.telemetry);
    if (this.closedBy !== undefined) pool.close(this.closedBy);
    this.pools.set(group, pool);
    return pool;
  }
}
