import { StandardSchemaValidationPipe, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import type { Enhancers } from './enhancers.js';
import type { RouteExecutionContext } from './execution-context.js';
import { isThenable } from '../pools/result.js';
import { argumentsOf, namedOf, type Params } from './named-params.js';
import type { DecoratedParameter } from './nest-metadata.js';
import { validated } from './standard-schema.js';

export type Arguments = readonly unknown[] | Promise<readonly unknown[]>;
/** The arguments of a handler, from what was sent. */
export type ArgumentsOf = (context: RouteExecutionContext, enhancers: Enhancers) => Arguments;

/** What is known of a handler's parameters. */
export interface Signature {
  /** Of an exposed method; undefined: (payload, context), or (payload) alone. */
  readonly params: Params | undefined;
  readonly givesContext: boolean;
  readonly decorated: readonly DecoratedParameter[];
  /** Their classes, where the compiler wrote them down. */
  readonly types: readonly unknown[] | undefined;
}

/** Parameter decorators rule; without them, it goes by the kind of the route. */
export function composeArguments(signature: Signature): ArgumentsOf {
  return signature.decorated.length > 0 ? decoratedArguments(signature) : plainArguments(signature);
}

function plainArguments({ params, givesContext, types }: Signature): ArgumentsOf {
  const count = Math.max(types?.length ?? 0, params?.names?.length ?? 0);
  const bodies = Array.from({ length: count }, (_, index) => body(types?.[index], params?.names?.[index]));
  return ({ args: [payload, call] }, { pipes }) => {
    const sent = params === undefined ? [payload] : argumentsOf(params, payload);
    const through = (values: readonly unknown[]): Arguments =>
      pipes.length === 0 ? values : together(values.map((value, index) => piped(value, bodies[index] ?? OTHER, pipes)));
    const full = (values: readonly unknown[]): readonly unknown[] => (givesContext ? [...values, call] : values);
    const transformed = sent instanceof Promise ? sent.then(through) : through(sent);
    return transformed instanceof Promise ? transformed.then(full) : full(transformed);
  };
}

function body(type: unknown, name: string | undefined): ArgumentMetadata {
  return { type: 'body', metatype: type as ArgumentMetadata['metatype'], data: name };
}

/** Of an argument that is one too many, or one of many. */
const OTHER = body(undefined, undefined);

function decoratedArguments({ decorated, params, types }: Signature): ArgumentsOf {
  const metadata = decorated.map(({ type, index, data, schema }) => ({
    type,
    metatype: types?.[index] as ArgumentMetadata['metatype'],
    data,
    schema,
  }));
  const extract = (payload: unknown, context: RouteExecutionContext, enhancers: Enhancers): Arguments => {
    const { pipes, parameterPipes } = enhancers;
    const values: unknown[] = [];
    for (let at = 0; at < decorated.length; at++) {
      const own = parameterPipes[at]!;
      const value = valueOf(decorated[at]!, payload, context);
      values[decorated[at]!.index] = piped(value, metadata[at]!, own.length === 0 ? pipes : [...pipes, ...own]);
    }
    return together(values);
  };
  return (context, enhancers) => {
    const [sent] = context.args;
    const payload = params === undefined ? sent : namedOf(params, sent);
    return payload instanceof Promise
      ? payload.then((named) => extract(named, context, enhancers))
      : extract(payload, context, enhancers);
  };
}

function valueOf(
  { source, data, factory }: DecoratedParameter,
  payload: unknown,
  context: RouteExecutionContext,
): unknown {
  if (source === 'payload') return partOf(payload, data);
  if (source === 'context') return context.args[1];
  return source === 'custom' ? factory!(data, context) : null;
}

/** What `@Payload()` and `@Payload('name')` give. */
export function partOf(payload: unknown, name: string | undefined): unknown {
  return name === undefined || name === '' ? payload : (payload as Record<string, unknown> | undefined)?.[name];
}

/** A promise only where the value, a pipe or the schema is async. */
function piped(value: unknown, metadata: ArgumentMetadata, pipes: readonly PipeTransform[], first = 0): unknown {
  let result = value;
  for (let index = first; index <= pipes.length; index++) {
    if (isThenable(result)) return Promise.resolve(result).then((later) => piped(later, metadata, pipes, index));
    if (index < pipes.length) result = pipes[index]!.transform(result, metadata);
  }
  return schemaOf(metadata, pipes) === undefined
    ? result
    : validated(metadata.schema!, result, metadata.data ?? 'the call');
}

/** Nest leaves a schema to a pipe that knows it; where there is none, it is looked at here, and not for show. */
function schemaOf({ schema }: ArgumentMetadata, pipes: readonly PipeTransform[]): ArgumentMetadata['schema'] {
  if (schema === undefined) return undefined;
  return pipes.some((pipe) => pipe instanceof StandardSchemaValidationPipe) ? undefined : schema;
}

function together(values: unknown[]): Arguments {
  return values.some((value) => value instanceof Promise) ? Promise.all(values) : values;
}
