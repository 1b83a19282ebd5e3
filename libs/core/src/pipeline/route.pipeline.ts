import type { ApplicationConfig, ModuleRef } from '@nestjs/core';
import { ContextIdFactory } from '@nestjs/core';
import type { CallContext } from '../call.js';
import type { Plugins } from '../plugins/plugins.js';
import type { AnyFunction } from '../pools/operation.js';
import type { CallWatch } from '../routes/call-watch.js';
import { bareTarget, isPlain } from './bare-target.js';
import { EnhancerPlan, moduleRefOf, type InstanceWrapper } from './enhancers.js';
import type { EventEntrypoint } from '../routes/event-handler.decorator.js';
import type { MethodEntrypoint } from '../routes/exposed-method.decorator.js';
import { composeArguments, type Signature } from './handler-arguments.js';
import { NestPipeline, type Prepare } from './nest-pipeline.js';
import { decoratedParameters, parameterTypes } from './nest-metadata.js';
import { RequestContext, RequestScope } from './request-scope.js';
import { nameOf, type PlannedRoute, type RouteTarget } from '../routes/route.js';
import { composeTranslators } from './translators.js';

type Serve = (payload: unknown, call: CallContext) => unknown;

/**
 * What is between the pool of a route and its handler, put together once at bootstrap. In order: plugins hear of the
 * call, translators, the filter of an event, then what Nest has (guards, interceptors, pipes, exception filters). A
 * route with none of it is its handler, and nothing else.
 */
export class RoutePipeline {
  constructor(
    private readonly config: ApplicationConfig,
    private readonly moduleRef: ModuleRef,
    private readonly plugins: Plugins,
    private readonly watch: CallWatch,
  ) {}

  async compose(route: PlannedRoute): Promise<RouteTarget> {
    const signature = signatureOf(route);
    const enhancers = await EnhancerPlan.of(route, signature.decorated, this.config);
    const host = await HostSource.of(route.host);
    const before = this.before(route);
    const hooked = this.config.getGlobalPreRequestHooks().length > 0;
    const bare = before === undefined && !hooked && enhancers.isEmpty && isPlain(signature);
    if (bare && host.instance !== undefined) return bareTarget(host.instance, route.method, signature);
    const serve = await this.serve(route, signature, enhancers, host);
    const run = before === undefined ? serve : before(serve);
    return { run, owner: undefined, argumentsOf: (payload) => [payload], contextAt: [1] };
  }

  /** Undefined: there is nothing to do before Nest's part. */
  private before({ entrypoint, options }: PlannedRoute): ((serve: Serve) => Serve) | undefined {
    const translate = composeTranslators(options.translators, this.moduleRef);
    const { filter } = entrypoint.options as EventEntrypoint['options'];
    const { plugins } = this;
    const told = entrypoint.kind === 'method' && plugins.hearCalls;
    if (translate === undefined && filter === undefined && !told) return undefined;
    return (serve) => async (payload, call) => {
      const refusal = told ? await plugins.methodCalled(call, payload) : undefined;
      if (refusal !== undefined) throw refusal;
      const translated: unknown = translate === undefined ? payload : await translate(payload, call);
      return filter === undefined || filter(translated) ? serve(translated, call) : undefined;
    };
  }

  private async serve(
    route: PlannedRoute,
    signature: Signature,
    enhancers: EnhancerPlan,
    host: HostSource,
  ): Promise<Serve> {
    const hooks = this.config.getGlobalPreRequestHooks();
    const pipeline = new NestPipeline(route, composeArguments(signature), hooks, this.watch);
    const { instance } = host;
    const fixed = enhancers.isStatic ? await enhancers.resolve(loadOnce) : undefined;
    if (instance !== undefined && fixed !== undefined) {
      return (payload, call) => pipeline.run(payload, call, instance, fixed);
    }
    const pattern = nameOf(route);
    const prepare: Prepare = async ({ args: [payload, call] }) => {
      const scope = new RequestScope(new RequestContext(pattern, payload, call), route.host);
      return {
        host: instance ?? ((await scope.load(route.host)) as object),
        enhancers: fixed ?? (await enhancers.resolve((wrapper) => scope.load(wrapper))),
      };
    };
    return (payload, call) => pipeline.runPrepared(payload, call, prepare, enhancers);
  }
}

/** The one that carries the handler: made already, or for each request. */
class HostSource {
  private constructor(readonly instance: object | undefined) {}

  static async of(wrapper: InstanceWrapper): Promise<HostSource> {
    if (!wrapper.isDependencyTreeStatic()) return new HostSource(undefined);
    return new HostSource((wrapper.isTransient ? await loadOnce(wrapper) : wrapper.instance) as object);
  }
}

/** One instance of its own of what is transient. */
function loadOnce(wrapper: InstanceWrapper): Promise<unknown> {
  return moduleRefOf(wrapper.host!).resolve(wrapper.token as never, ContextIdFactory.create(), { strict: true });
}

function signatureOf(route: PlannedRoute): Signature {
  const { type, method, entrypoint } = route;
  const decorated = decoratedParameters(type, method);
  const types = parameterTypes(type, method);
  if (entrypoint.kind !== 'method') {
    return { params: undefined, givesContext: entrypoint.transport !== 'timer', decorated, types };
  }
  const { params: names, schema } = entrypoint.options as MethodEntrypoint['options'];
  const { length } = (type.prototype as Record<string, AnyFunction>)[method]!;
  const hasDefault = (name: string, at: number): boolean =>
    decorated.length === 0 ? at >= length : !decorated.some(({ data, index }) => data === name && index < length);
  const required = (names ?? []).filter((name, at) => !hasDefault(name, at));
  return { params: { method: nameOf(route), names, required, schema }, givesContext: false, decorated, types };
}
