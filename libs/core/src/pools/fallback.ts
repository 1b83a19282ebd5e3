import type { AsyncResource } from 'node:async_hooks';
import { callStorage, currentCall, type CallContext } from '../call.js';
import type { Fallback } from './operation.js';

/**
 * The fallback is outside of everything: it runs without a slot, without the deadline of the call it stands in for,
 * and in the context of the caller. `scope` is that context where the call waited. On a timeout in
 * the handler it was not kept: `currentCall()` is the caller's all the same, and what others keep in an
 * AsyncLocalStorage is absent, never somebody else's.
 */
export function callFallback(
  fallback: Fallback,
  caller: CallContext,
  scope: AsyncResource | undefined,
  owner: unknown,
  error: unknown,
  args: readonly unknown[],
): unknown {
  if (scope !== undefined) return scope.runInAsyncScope(fallback, undefined, owner, error, args);
  if (currentCall() === caller) return fallback(owner, error, args);
  return callStorage.run(caller, fallback, owner, error, args);
}

/** What a fallback throws is what the caller gets; what it stood in for is the cause, where there is room for one. */
export function becauseOf(thrown: unknown, error: unknown): unknown {
  if (!(thrown instanceof Error) || thrown.cause !== undefined || !Object.isExtensible(thrown)) return thrown;
  if (!isCausedBy(error, thrown)) thrown.cause = error;
  return thrown;
}

function isCausedBy(error: unknown, cause: Error): boolean {
  for (let link = error; link instanceof Error; link = link.cause) if (link === cause) return true;
  return false;
}
