import type { Type } from '@nestjs/common';
import type { CallContext } from '../call.js';
import { Execution } from '../pools/execution.js';
import type { LiveCallOptions } from '../pools/live-call.js';
import type { AnyFunction, Operation } from '../pools/operation.js';
import type { RouteDescription } from '../transport.js';
import type { AttemptRecord } from '../repeats/attempt.js';
import type { InstanceWrapper } from '../pipeline/enhancers.js';
import type { Entrypoint } from './entrypoint.js';
import type { RouteOptions } from './route.options.js';

/** A route that nothing is wrong with, before it is composed. */
export interface PlannedRoute extends RouteDescription {
  /** The class that is made, and what makes it. */
  readonly type: Type<object>;
  readonly method: string;
  readonly host: InstanceWrapper;
}

/** What a call of a route runs, put together once. */
export interface RouteTarget {
  readonly run: AnyFunction;
  readonly owner: unknown;
  /** The arguments of `run`, but for the context of the call; its own where that has a place among them. */
  argumentsOf(payload: unknown): readonly unknown[];
  /** Which of them is the context. */
  readonly contextAt: readonly number[];
}

/** One run of the method that is called when attempts are used up. */
export type Callback = (payload: unknown, error: Error, attempt: AttemptRecord) => Execution;

/** One way into one handler: from an entrypoint, through a pool. */
export class Route implements RouteDescription {
  readonly entrypoint: Entrypoint;
  readonly handler: string;
  readonly pool: string;
  readonly options: Readonly<RouteOptions>;
  /** What a call of it is called: the name of an exposed method, else the handler. */
  readonly name: string;
  /** In the pool of the route; undefined where it has none. */
  readonly callback: Callback | undefined;
  /** Nobody waits for the outcome. */
  readonly oneWay: boolean;
  /** A failure may not be the end of it. */
  readonly repeats: boolean;

  constructor(
    { entrypoint, handler, pool, options }: RouteDescription,
    readonly operation: Operation,
    private readonly target: RouteTarget,
    { callback, oneWay }: { readonly callback: Callback | undefined; readonly oneWay: boolean },
  ) {
    this.entrypoint = entrypoint;
    this.handler = handler;
    this.pool = pool;
    this.options = options;
    this.name = nameOf({ entrypoint, handler });
    this.callback = callback;
    this.oneWay = oneWay;
    this.repeats = options.backoff !== undefined || callback !== undefined;
  }

  executionOf(payload: unknown, options: LiveCallOptions): Execution {
    const { run, owner } = this.target;
    const args = this.target.argumentsOf(payload);
    const execution = new Execution(this.operation, run, owner, args, options);
    this.fillIn(args, execution);
    return execution;
  }

  /** What the target of a call gets. */
  argumentsOf(payload: unknown, call: CallContext): readonly unknown[] {
    const args = this.target.argumentsOf(payload);
    this.fillIn(args, call);
    return args;
  }

  private fillIn(args: readonly unknown[], call: CallContext): void {
    for (const index of this.target.contextAt) (args as unknown[])[index] = call;
  }
}

export function nameOf({ entrypoint, handler }: Pick<RouteDescription, 'entrypoint' | 'handler'>): string {
  const { kind, options } = entrypoint;
  return kind === 'method' && typeof options['name'] === 'string' ? options['name'] : handler;
}
