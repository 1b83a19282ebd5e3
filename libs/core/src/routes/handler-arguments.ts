import { StandardSchemaValidationPipe, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import type { Enhancers } from './enhancers.js';
import type { RouteExecutionContext } from './execution-context.js';
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
  return (context, { pipes, parameterPipes }) => {
    const extract = (payload: unknown): Arguments => {
      const values: unknown[] = [];
      for (const [at, parameter] of decorated.entries()) {
        const own = parameterPipes[at]!;
        const all = own.length === 0 ? pipes : [...pipes, ...own];
        values[parameter.index] = piped(valueOf(parameter, payload, context), metadata[at]!, all);
      }
      return together(values);
    };
    const payload = params === undefined ? context.args[0] : namedOf(params, context.args[0]);
    return payload instanceof Promise ? payload.then(extract) : extract(payload);
  };
}

function valueOf(
  { source, data, factory }: DecoratedParameter,
  payload: unknown,
  context: RouteExecutionContext,
): unknown {
  if (source === 'custom') return factory!(data, context);
  if (source === 'context') return context.args[1];
  if (source !== 'payload') return null;
  return data === undefined || data === '' ? payload : (payload as Record<string, unknown> | undefined)?.[data];
}

/** A promise only where the value, a pipe or the schema is async. */
function piped(value: unknown, metadata: ArgumentMetadata, pipes: readonly PipeTransform[], first = 0): unknown {
  let result = value;
  for (let index = first; index <= pipes.length; index++) {
    if (result instanceof Promise) return result.then((later) => piped(later, metadata, pipes, index));
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
