import { ContextIdFactory } from '@nestjs/core';
import { Execution } from '../pools/execution.js';
import { composeOperation } from '../pools/operation.js';
import type { Pools } from '../pools/pool.registry.js';
import type { GatewayTransport } from '../transport.js';
import { moduleRefOf } from '../pipeline/enhancers.js';
import { isServedBy } from './entrypoint.js';
import { nameOf, Route, type Callback, type PlannedRoute } from './route.js';
import type { RoutePipeline } from '../pipeline/route.pipeline.js';

const ONE_WAY = ['event'];

/** Puts a planned route together: its pool, its pipeline, its callback. */
export class RouteBuilder {
  constructor(
    private readonly pools: Pools,
    private readonly pipeline: RoutePipeline,
    private readonly transports: readonly GatewayTransport[],
  ) {}

  async build(planned: PlannedRoute): Promise<Route> {
    const { entrypoint, pool, options } = planned;
    const serving = this.transports.filter((transport) => isServedBy(entrypoint, transport));
    const oneWay = serving.some((transport) => (transport.oneWay ?? ONE_WAY).includes(entrypoint.kind));
    const bounded = this.pools.ensure(pool);
    const { timeoutMs } = options;
    const operation = composeOperation(bounded, nameOf(planned), {
      timeoutMs,
      breaker: bounded.routeBreaker,
      timedFromStart: oneWay,
    });
    const target = await this.pipeline.compose(planned);
    return new Route(planned, operation, target, { callback: this.callbackOf(planned), oneWay });
  }

  /** It waits for a slot however full the pool is: there is nobody left to refuse the message to. */
  private callbackOf({ options, type, host, pool, entrypoint }: PlannedRoute): Callback | undefined {
    const { callback: method } = options;
    if (method === undefined) return undefined;
    const route = `${type.name}.${method}`;
    const operation = composeOperation(this.pools.ensure(pool), route, { breaker: false, timedFromStart: true });
    const call = async (...args: unknown[]): Promise<unknown> => {
      const owner = host.isDependencyTreeStatic() && !host.isTransient ? host.instance : await made(host);
      return (owner as Record<string, (...given: unknown[]) => unknown>)[method]!(...args);
    };
    const arrival = { transport: entrypoint.transport, route };
    return (...args) => new Execution(operation, call, undefined, args, { admission: 'wait', arrival });
  }
}

function made(host: PlannedRoute['host']): Promise<unknown> {
  return moduleRefOf(host.host!).resolve(host.token as never, ContextIdFactory.create(), { strict: true });
}
