import type { PreRequestHook, Type } from '@nestjs/common';
import type { CallContext } from '../call.js';
import type { CallWatch } from '../routes/call-watch.js';
import type { EnhancerPlan, Enhancers } from './enhancers.js';
import { RouteExecutionContext } from './execution-context.js';
import type { ArgumentsOf } from './handler-arguments.js';
import { activate, finished, handleError, hook, intercept, lastOf } from './stages.js';

type Handler = (...args: unknown[]) => unknown;
type Host = Record<string, Handler>;

/** Makes what lives for one call. */
export type Prepare = (context: RouteExecutionContext) => Promise<{ host: object; enhancers: Enhancers }>;

/**
 * What Nest puts around a handler, in the order of a microservice. Outside in: exception filters, hooks, guards,
 * interceptors, pipes, handler. Of an Observable the last value counts.
 */
export class NestPipeline {
  private readonly handler: Handler;

  constructor(
    private readonly route: { readonly type: Type<object>; readonly method: string },
    private readonly argumentsOf: ArgumentsOf,
    private readonly hooks: readonly PreRequestHook[],
    private readonly watch: CallWatch,
  ) {
    this.handler = (route.type.prototype as Host)[route.method]!;
  }

  run(payload: unknown, call: CallContext, host: object, enhancers: Enhancers): unknown {
    return this.through(this.contextOf(payload, call), host, enhancers);
  }

  /** Where something cannot be made, only those filters see the error that are there anyway. */
  async runPrepared(payload: unknown, call: CallContext, prepare: Prepare, plan: EnhancerPlan): Promise<unknown> {
    const context = this.contextOf(payload, call);
    let prepared: Awaited<ReturnType<Prepare>>;
    try {
      prepared = await prepare(context);
    } catch (error) {
      return handleError(plan.fixedFilters, error, context);
    }
    return this.through(context, prepared.host, prepared.enhancers);
  }

  private contextOf(payload: unknown, call: CallContext): RouteExecutionContext {
    return new RouteExecutionContext(this.route.type, this.handler, payload, call);
  }

  private through(context: RouteExecutionContext, host: object, enhancers: Enhancers): unknown {
    const [, call] = context.args;
    if (enhancers.filters.length === 0) return finished(this.hooked(context, host as Host, enhancers), call);
    const failed = (error: unknown): Promise<unknown> => handleError(enhancers.filters, error, context);
    try {
      const result = lastOf(this.hooked(context, host as Host, enhancers), call);
      return result instanceof Promise ? result.catch(failed) : result;
    } catch (error) {
      return failed(error);
    }
  }

  private hooked(context: RouteExecutionContext, host: Host, enhancers: Enhancers): unknown {
    if (this.hooks.length === 0) return this.guarded(context, host, enhancers);
    return hook(this.hooks, context, () => this.guarded(context, host, enhancers));
  }

  private guarded(context: RouteExecutionContext, host: Host, enhancers: Enhancers): unknown {
    const asked = activate(enhancers.guards, context);
    if (asked === undefined) return this.intercepted(context, host, enhancers);
    return asked.then(() => this.intercepted(context, host, enhancers));
  }

  private intercepted(context: RouteExecutionContext, host: Host, enhancers: Enhancers): unknown {
    const { interceptors } = enhancers;
    if (interceptors.length === 0) return this.handle(context, host, enhancers);
    return intercept(interceptors, context, () => this.handle(context, host, enhancers));
  }

  private handle(context: RouteExecutionContext, host: Host, enhancers: Enhancers): unknown {
    const values = this.argumentsOf(context, enhancers);
    return values instanceof Promise
      ? values.then((later) => this.invoke(context, host, later))
      : this.invoke(context, host, values);
  }

  private invoke({ args: [, call] }: RouteExecutionContext, host: Host, values: readonly unknown[]): unknown {
    this.watch.hand(call, values);
    return host[this.route.method]!(...values);
  }
}
