import { Body, Catch, Headers, UseFilters, UseGuards, UseInterceptors, UsePipes } from '@nestjs/common';
import type { ArgumentMetadata, ExceptionFilter, ExecutionContext, PipeTransform, Type } from '@nestjs/common';
import type { StandardSchemaV1 } from '@standard-schema/spec';

/*
 * Under which keys Nest's decorators keep what they record. Nest does not export them, so that a probe of each kind is
 * decorated once and looked at. The parameter decorators of HTTP and of microservices record alike: `@Payload()` as
 * `@Body()`, `@Ctx()` as `@Headers()`.
 */
class Nothing {
  method(): void {}
}

const enhancer = {
  canActivate: () => true,
  intercept: () => undefined,
  transform: () => undefined,
  catch: () => undefined,
};

const GUARDS = keyOf(UseGuards(enhancer));
const INTERCEPTORS = keyOf(UseInterceptors(enhancer as never));
const PIPES = keyOf(UsePipes(enhancer));
const FILTERS = keyOf(UseFilters(enhancer));
const CATCHES = keyWithArray(Catch(Error));
const [PARAMETERS, PAYLOAD] = parameterKey(Body());
const [, CONTEXT] = parameterKey(Headers());

/** A guard, interceptor, pipe or filter: an instance, or a class that Nest makes. */
export type Enhancer<T> = T | Type<T>;
export type EnhancerKind = 'guards' | 'interceptors' | 'pipes' | 'filters';

const KEYS: Record<EnhancerKind, unknown> = {
  guards: GUARDS,
  interceptors: INTERCEPTORS,
  pipes: PIPES,
  filters: FILTERS,
};

/** What the decorators of that kind on a class, or on a method, name. */
export function enhancersOn<T>(kind: EnhancerKind, target: object): Enhancer<T>[] {
  return (Reflect.getMetadata(KEYS[kind], target) as Enhancer<T>[] | undefined) ?? [];
}

/** What a filter catches; nothing in particular: everything. */
export function caughtBy(filter: ExceptionFilter): Type<Error>[] {
  const types: unknown =
    Reflect.getMetadata(CATCHES, Object.getPrototypeOf(filter) as object) ??
    Reflect.getMetadata(CATCHES, filter.constructor);
  return (types as Type<Error>[] | undefined) ?? [];
}

/** One decorated parameter of a handler. */
export interface DecoratedParameter {
  readonly index: number;
  /** Undefined: of a decorator that gives nothing outside of HTTP. */
  readonly source: 'payload' | 'context' | 'custom' | undefined;
  readonly type: ArgumentMetadata['type'];
  readonly data: string | undefined;
  readonly pipes: Enhancer<PipeTransform>[];
  readonly schema: StandardSchemaV1 | undefined;
  /** Of a custom decorator. */
  readonly factory: ((data: unknown, context: ExecutionContext) => unknown) | undefined;
}

type Recorded = Pick<DecoratedParameter, 'index' | 'data' | 'factory'> &
  Partial<Pick<DecoratedParameter, 'pipes' | 'schema'>>;

/** Of the class that is made, in no order; what it inherits counts. */
export function decoratedParameters(type: Type<object>, method: string): DecoratedParameter[] {
  const recorded = Reflect.getMetadata(PARAMETERS, type, method) as Record<string, Recorded> | undefined;
  return Object.entries(recorded ?? {}).map(([key, { index, data, pipes = [], schema, factory }]) => ({
    index,
    source: factory === undefined ? sourceOf(key) : 'custom',
    type: factory === undefined && numberOf(key) === PAYLOAD ? 'body' : 'custom',
    data,
    pipes,
    schema,
    factory,
  }));
}

/** The classes of the parameters, where the compiler wrote them down. */
export function parameterTypes({ prototype }: Type<object>, method: string): Type<unknown>[] | undefined {
  return Reflect.getMetadata('design:paramtypes', prototype as object, method) as Type<unknown>[] | undefined;
}

function sourceOf(key: string): 'payload' | 'context' | undefined {
  if (numberOf(key) === PAYLOAD) return 'payload';
  return numberOf(key) === CONTEXT ? 'context' : undefined;
}

/** `3:0` is a parameter of the type 3. */
function numberOf(key: string): number {
  return Number.parseInt(key, 10);
}

function keyOf(decorate: ClassDecorator): unknown {
  return Reflect.getMetadataKeys(decorated(decorate))[0];
}

function keyWithArray(decorate: ClassDecorator): unknown {
  const probe = decorated(decorate);
  return Reflect.getMetadataKeys(probe).find((key) => Array.isArray(Reflect.getMetadata(key, probe)));
}

function decorated(decorate: ClassDecorator): object {
  class Probe extends Nothing {}
  decorate(Probe);
  return Probe;
}

function parameterKey(decorate: ParameterDecorator): [key: unknown, type: number] {
  class Probe extends Nothing {}
  decorate(Probe.prototype, 'method', 0);
  const key: unknown = Reflect.getMetadataKeys(Probe, 'method')[0];
  const recorded = Reflect.getMetadata(key, Probe, 'method') as object;
  return [key, numberOf(Object.keys(recorded)[0]!)];
}
