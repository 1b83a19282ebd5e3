import { Inject, Injectable, Optional } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { PoolRegistry, type PoolSnapshot } from 'sallyport';
import { fromGateway } from './from-gateway.js';

const MAX_REASONS = 5;

/**
 * Whether the pools take calls. A circuit that is not closed, a pool that would refuse the next call, or a target that
 * hangs is `degraded`, never `down`: the instance still serves everything else, and a restart would not cure it.
 */
@Injectable()
export class PoolHealthIndicator {
  private readonly pools: PoolRegistry;

  constructor(
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
    @Optional() @Inject(PoolRegistry) pools?: PoolRegistry,
  ) {
    this.pools = fromGateway(pools);
  }

  /** Of one pool, or of all. `down` only for a group that does not exist. */
  async check(key = 'pools', group?: string): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check(key);
    const snapshots = group === undefined ? this.pools.snapshot() : this.snapshotOf(group);
    if (snapshots === undefined) {
      return indicator.down(`there is no pool "${group}" (there are: ${this.pools.groups().join(', ') || 'none'})`);
    }
    const groups = Object.fromEntries(snapshots.map((snapshot) => [snapshot.group, summary(snapshot)]));
    const reasons = snapshots.flatMap(reasonsIn);
    return reasons.length === 0 ? indicator.up({ groups }) : indicator.degraded({ message: brief(reasons), groups });
  }

  private snapshotOf(group: string): PoolSnapshot[] | undefined {
    const pool = this.pools.get(group);
    return pool && [pool.snapshot()];
  }
}

function reasonsIn({ group, running, queued, hung, maxConcurrent, maxQueue, circuits }: PoolSnapshot): string[] {
  const reasons = circuits
    .filter(({ state }) => state !== 'closed' && state !== 'forced-closed')
    .map(({ key, state }) => `circuit "${key}" of "${group}" is ${state}`);
  if (running >= maxConcurrent && queued >= maxQueue) {
    reasons.push(`"${group}" is full (${running} running, ${queued} waiting)`);
  }
  if (hung > 0) reasons.push(`"${group}" has ${hung} hung`);
  return reasons;
}

function brief(reasons: string[]): string {
  const more = reasons.length - MAX_REASONS;
  return reasons.slice(0, MAX_REASONS).join('; ') + (more > 0 ? `; and ${more} more` : '');
}

function summary(snapshot: PoolSnapshot): Record<string, unknown> {
  const { running, queued, abandoned, hung, maxConcurrent, maxQueue } = snapshot;
  const circuits = Object.fromEntries(snapshot.circuits.map(({ key, state }) => [key, state]));
  return { running, queued, abandoned, hung, maxConcurrent, maxQueue, circuits };
}
