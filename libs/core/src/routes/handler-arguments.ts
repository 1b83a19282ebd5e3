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
  return ({ args: [payload, call] }, { pipes }) => {
    const sent = params === undefined ? [payload] : argumentsOf(params, payload);
    const full = (values: readonly unknown[]): readonly unknown[] => (givesContext ? [...values, call] : values);
    if (pipes.length === 0) return sent instanceof Promise ? sent.then(full) : full(sent);
    return Promise.resolve(sent)
      .then((values) => Promise.all(values.map((value, index) => piped(value, bodyAt(index, params, types), pipes))))
      .then(full);
  };
}

function bodyAt(index: number, params: Params | undefined, types: Signature['types']): ArgumentMetadata {
  return { type: 'body', metatype: types?.[index] as ArgumentMetadata['metatype'], data: params?.names?.[index] };
}

function decoratedArguments({ decorated, params, types }: Signature): ArgumentsOf {
  const length = Math.max(...decorated.map(({ index }) => index)) + 1;
  const metadata = decorated.map(({ type, index, data, schema }) => ({
    type,
    metatype: types?.[index] as ArgumentMetadata['metatype'],
    data,
    schema,
  }));
  const plain = params === undefined && decorated.every(({ factory, schema }) => (factory ?? schema) === undefined);
  const extract = (context: RouteExecutionContext): unknown[] => {
    const values: unknown[] = Array.from({ length });
    for (const parameter of decorated) values[parameter.index] = valueOf(parameter, context.args[0], context);
    return values;
  };
  const transform = async (
    context: RouteExecutionContext,
    { pipes, parameterPipes }: Enhancers,
  ): Promise<unknown[]> => {
    const [sent] = context.args;
    const payload = params === undefined ? sent : await namedOf(params, sent);
    const values: unknown[] = Array.from({ length });
    const through = async (parameter: DecoratedParameter, at: number): Promise<void> => {
      const all = [...pipes, ...parameterPipes[at]!];
      values[parameter.index] = await piped(valueOf(parameter, payload, context), metadata[at]!, all);
    };
    await Promise.all(decorated.map(through));
    return values;
  };
  return (context, enhancers) =>
    plain && enhancers.pipes.length === 0 && enhancers.parameterPipes.every((pipes) => pipes.length === 0)
      ? extract(context)
      : transform(context, enhancers);
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

/** Nest leaves a schema to a pipe that knows it; where there is none, it is looked at here, and not for show. */
async function piped(value: unknown, metadata: ArgumentMetadata, pipes: readonly PipeTransform[]): Promise<unknown> {
  let result = await value;
  for (const pipe of pipes) result = await pipe.transform(result, metadata);
  const { schema } = metadata;
  const unseen = schema !== undefined && !pipes.some((pipe) => pipe instanceof StandardSchemaValidationPipe);
  return unseen ? validated(schema, result, metadata.data ?? 'the call') : result;
}
