import type { AnyFunction } from '../pools/operation.js';
import type { RouteTarget } from '../routes/route.js';
import { partOf, type Signature } from './handler-arguments.js';
import { spread } from './named-params.js';

/** Whether the arguments of a handler are what was sent, or parts of it, and the context: nothing to wait for. */
export function isPlain({ decorated, params }: Signature): boolean {
  if (params !== undefined && (params.names !== undefined || params.schema !== undefined)) return false;
  return decorated.every(({ factory, schema }) => factory === undefined && schema === undefined);
}

/** A handler that nothing is around: called directly. */
export function bareTarget(owner: object, method: string, signature: Signature): RouteTarget {
  const run = (owner as Record<string, AnyFunction>)[method]!;
  const { params, givesContext } = signature;
  if (signature.decorated.length > 0) return { run, owner, ...decoratedArguments(signature) };
  if (params !== undefined) return { run, owner, argumentsOf: spread, contextAt: [] };
  return { run, owner, argumentsOf: (payload) => [payload], contextAt: givesContext ? [1] : [] };
}

function decoratedArguments({ decorated }: Signature): Pick<RouteTarget, 'argumentsOf' | 'contextAt'> {
  const contextAt = decorated.filter(({ source }) => source === 'context').map(({ index }) => index);
  const parts = decorated.filter(({ source }) => source !== 'context');
  const argumentsOf = (payload: unknown): unknown[] => {
    const args: unknown[] = [];
    for (const { index, source, data } of parts) args[index] = source === 'payload' ? partOf(payload, data) : null;
    return args;
  };
  return { argumentsOf, contextAt };
}
