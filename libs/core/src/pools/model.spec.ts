import fc from 'fast-check';
import { ManualClock } from 'sallyport/testing';
import { expect, it } from 'vitest';
import { Telemetry } from '../telemetry.js';
import type { BoundedPool } from './bounded-pool.js';
import { Execution } from './execution.js';
import { composeOperation } from './operation.js';
import { Pools } from './pool.registry.js';

const TIMEOUT_MS = 100;

/** One submitted call as the outside sees it. */
interface Submitted {
  execution: Execution;
  submittedAt: number;
  outcomes: string[];
  /** Of each attempt that began and has not settled. */
  open: { resolve(value: unknown): void; reject(error: unknown): void }[];
}

class World {
  readonly clock = new ManualClock();
  readonly pool: BoundedPool;
  readonly calls: Submitted[] = [];
  /** The largest limit there was since fewer slots than that were taken. */
  ceiling = 2;

  constructor() {
    const breaker = { minimumCalls: 3, openForMs: 50, halfOpenCalls: 2, windowMs: 200 };
    const options = { maxConcurrent: 2, maxQueue: 3, timeoutMs: TIMEOUT_MS, breaker };
    this.pool = new Pools(undefined, new Telemetry(), this.clock).register('model', options);
  }

  submit(attempts: number, withFallback: boolean): void {
    const call: Submitted = { execution: undefined as never, submittedAt: this.clock.now(), outcomes: [], open: [] };
    const target = () => new Promise((resolve, reject) => call.open.push({ resolve, reject }));
    const retry = attempts > 1 ? { attempts, backoffMs: 20, jitter: false } : undefined;
    const operation = composeOperation(this.pool, 'key', { retry }, withFallback ? () => 'fallback' : undefined);
    call.execution = new Execution(operation, target, undefined, []);
    this.calls.push(call);
    call.execution.submit().then(
      () => call.outcomes.push('ok'),
      () => call.outcomes.push('error'),
    );
  }

  holding(): number {
    return this.calls.reduce((sum, { open }) => sum + open.length, 0);
  }

  check(): void {
    const { running, queued, abandoned, maxConcurrent, maxQueue } = this.pool.snapshot();
    expect(running).toBe(this.holding());
    expect(this.pool.active.toArray()).toHaveLength(this.pool.active.size);
    expect(this.pool.bulkhead.waiting()).toHaveLength(queued);
    this.ceiling = running <= maxConcurrent ? maxConcurrent : this.ceiling;
    expect(running).toBeLessThanOrEqual(this.ceiling);
    expect(queued).toBeLessThanOrEqual(maxQueue);
    expect(abandoned).toBeLessThanOrEqual(running);
    for (const { outcomes, open, submittedAt } of this.calls) {
      expect(outcomes.length).toBeLessThanOrEqual(1);
      if (this.clock.now() >= submittedAt + TIMEOUT_MS) expect(outcomes).toHaveLength(1);
      expect(open.length).toBeLessThanOrEqual(1);
    }
  }
}

class Step implements fc.AsyncCommand<object, World> {
  constructor(
    private readonly name: string,
    private readonly act: (world: World) => unknown,
  ) {}

  check(): boolean {
    return true;
  }

  async run(_model: object, world: World): Promise<void> {
    await this.act(world);
    await world.clock.advance(0);
    world.check();
  }

  toString(): string {
    return this.name;
  }
}

function pick<T>(items: T[], index: number): T | undefined {
  return items[index % Math.max(1, items.length)];
}

function settle(world: World, index: number, how: 'resolve' | 'reject'): void {
  const call = pick(
    world.calls.filter(({ open }) => open.length > 0),
    index,
  );
  call?.open.pop()![how](how === 'reject' ? new Error('model') : 'value');
}

const index = fc.nat(20);
const steps = [
  fc
    .tuple(fc.integer({ min: 1, max: 3 }), fc.boolean())
    .map(
      ([attempts, fallback]) =>
        new Step(`submit(${attempts}, ${fallback})`, (world) => world.submit(attempts, fallback)),
    ),
  index.map((at) => new Step(`resolve(${at})`, (world) => settle(world, at, 'resolve'))),
  index.map((at) => new Step(`reject(${at})`, (world) => settle(world, at, 'reject'))),
  index.map((at) => new Step(`cancel(${at})`, (world) => pick(world.calls, at)?.execution.cancel('model'))),
  fc.nat(120).map((ms) => new Step(`advance(${ms})`, (world) => world.clock.advance(ms))),
  fc
    .integer({ min: 1, max: 4 })
    .map((maxConcurrent) => new Step(`resize(${maxConcurrent})`, (world) => world.pool.update({ maxConcurrent }))),
  fc
    .constantFrom<('forced-open' | 'forced-closed' | 'auto')[]>('forced-open', 'forced-closed', 'auto')
    .map((circuit) => new Step(circuit, (world) => world.pool.update({ circuit }))),
];

async function atRest(world: World): Promise<void> {
  while (world.holding() > 0 || world.pool.active.size > 0 || world.pool.snapshot().queued > 0) {
    settle(world, 0, 'resolve');
    await world.clock.advance(10);
  }
  for (const { outcomes } of world.calls) expect(outcomes).toHaveLength(1);
  expect(world.pool.snapshot()).toMatchObject({ running: 0, queued: 0, abandoned: 0, hung: 0 });
  expect(world.pool.active.size).toBe(0);
  expect(world.clock['alarms'].size).toBe(0);
  const counts = world.pool.snapshot().circuits[0]?.counts ?? {
    succeeded: 0,
    failed: 0,
    timedOut: 0,
    refused: 0,
    cancelled: 0,
  };
  const { succeeded, failed, timedOut, refused, cancelled } = counts;
  expect(succeeded + failed + timedOut + refused + cancelled).toBe(world.calls.length);
}

it('gives every call exactly one outcome and holds nothing at rest, whatever the order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands(steps, { maxCommands: 60, size: 'max' }), async (commands) => {
      const world = new World();
      await fc.asyncModelRun(() => ({ model: {}, real: world }), commands);
      await atRest(world);
    }),
    { numRuns: 500 },
  );
}, 60_000);
