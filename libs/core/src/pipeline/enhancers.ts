import type { CanActivate, ExceptionFilter, NestInterceptor, PipeTransform, Type } from '@nestjs/common';
import { ModuleRef, type ApplicationConfig, type DiscoveryService } from '@nestjs/core';
import { enhancersOn, type DecoratedParameter, type Enhancer, type EnhancerKind } from './nest-metadata.js';

export type InstanceWrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** Everything that Nest puts around one handler, ready to run; from the outermost in, but for the filters. */
export interface Enhancers {
  readonly guards: readonly CanActivate[];
  readonly interceptors: readonly NestInterceptor[];
  readonly pipes: readonly PipeTransform[];
  /** The innermost first: the first that catches an error has it. */
  readonly filters: readonly ExceptionFilter[];
  /** Of each decorated parameter. */
  readonly parameterPipes: readonly (readonly PipeTransform[])[];
}

/** An instance, or what holds those that Nest makes for each host or request. */
type Source = { readonly instance: unknown } | { readonly wrapper: InstanceWrapper };

type Sources = {
  readonly [K in keyof Enhancers]: K extends 'parameterPipes' ? readonly Source[][] : readonly Source[];
};

/** Gives the instance of a provider that is not simply there. */
export type Load = (wrapper: InstanceWrapper) => Promise<unknown>;

const METHODS: Record<EnhancerKind, string> = {
  guards: 'canActivate',
  interceptors: 'intercept',
  pipes: 'transform',
  filters: 'catch',
};

/** The enhancers of one handler in the order of Nest: global, of its class, of the method. Found once, at bootstrap. */
export class EnhancerPlan {
  private constructor(private readonly sources: Sources) {}

  static async of(
    { host, type, method }: { host: InstanceWrapper; type: Type<object>; method: string },
    parameters: readonly DecoratedParameter[],
    config: ApplicationConfig,
  ): Promise<EnhancerPlan> {
    const handler = (type.prototype as Record<string, object>)[method]!;
    const named = async (kind: EnhancerKind, enhancers: Enhancer<unknown>[]): Promise<Source[]> =>
      Promise.all(enhancers.map((enhancer) => sourceOf(kind, enhancer, host)));
    const find = async (kind: EnhancerKind, global: Global): Promise<Source[]> => [
      ...global.instances.map((instance) => ({ instance })),
      ...global.wrappers.map((wrapper) => ({ wrapper })),
      ...(await named(kind, [...enhancersOn(kind, type), ...enhancersOn(kind, handler)])),
    ];
    const globals = globalsOf(config);
    return new EnhancerPlan({
      guards: await find('guards', globals.guards),
      interceptors: await find('interceptors', globals.interceptors),
      pipes: await find('pipes', globals.pipes),
      filters: (await find('filters', globals.filters)).toReversed(),
      parameterPipes: await Promise.all(parameters.map(({ pipes }) => named('pipes', pipes))),
    });
  }

  get isEmpty(): boolean {
    return this.all().length === 0;
  }

  /** False: some are made for each request. */
  get isStatic(): boolean {
    return this.all().every((source) => 'instance' in source || source.wrapper.isDependencyTreeStatic());
  }

  /** Those that are there before anything is made for a request. */
  get fixedFilters(): ExceptionFilter[] {
    const fixed = this.sources.filters.filter((source) => 'instance' in source);
    return fixed.map(({ instance }) => instance as ExceptionFilter);
  }

  /** `load` is asked for what Nest has not made once and for all. */
  async resolve(load: Load): Promise<Enhancers> {
    const { guards, interceptors, pipes, filters, parameterPipes } = this.sources;
    const made = async <T>(list: readonly Source[]): Promise<T[]> =>
      Promise.all(
        list.map(async (source) => ('instance' in source ? source.instance : await load(source.wrapper)) as T),
      );
    return {
      guards: await made(guards),
      interceptors: await made(interceptors),
      pipes: await made(pipes),
      filters: await made(filters),
      parameterPipes: await Promise.all(parameterPipes.map((list) => made<PipeTransform>(list))),
    };
  }

  private all(): Source[] {
    const { parameterPipes, ...lists } = this.sources;
    return [...Object.values(lists).flat(), ...parameterPipes.flat()];
  }
}

interface Global {
  readonly instances: readonly unknown[];
  /** Of those that are made for each request. */
  readonly wrappers: readonly InstanceWrapper[];
}

function globalsOf(config: ApplicationConfig): Record<EnhancerKind, Global> {
  return {
    guards: { instances: config.getGlobalGuards(), wrappers: config.getGlobalRequestGuards() },
    interceptors: { instances: config.getGlobalInterceptors(), wrappers: config.getGlobalRequestInterceptors() },
    pipes: { instances: config.getGlobalPipes(), wrappers: config.getGlobalRequestPipes() },
    filters: { instances: config.getGlobalFilters(), wrappers: config.getGlobalRequestFilters() },
  };
}

/**
 * Nest makes a class that a decorator names in the module of its host; but not where the host came out of `useClass`,
 * `useValue` or `useFactory`: a guard must not be missing for that.
 */
async function sourceOf(
  kind: EnhancerKind,
  enhancer: Enhancer<unknown>,
  { host: module }: InstanceWrapper,
): Promise<Source> {
  if (!isClass(kind, enhancer)) return { instance: enhancer };
  const wrapper = module!.injectables.get(enhancer) ?? module!.providers.get(enhancer);
  if (wrapper === undefined) return { instance: await moduleRefOf(module!).create(enhancer) };
  return wrapper.isTransient || !wrapper.isDependencyTreeStatic() ? { wrapper } : { instance: wrapper.instance };
}

/** A class with a static method of that name may be the enhancer itself. */
function isClass(kind: EnhancerKind, enhancer: Enhancer<unknown>): enhancer is Type<unknown> {
  if (typeof enhancer !== 'function') return false;
  const name = METHODS[kind];
  return typeof enhancer.prototype?.[name] === 'function' || !(name in enhancer);
}

/** The injector of one module. */
export function moduleRefOf({ providers }: NonNullable<InstanceWrapper['host']>): ModuleRef {
  return providers.get(ModuleRef)!.instance as ModuleRef;
}
