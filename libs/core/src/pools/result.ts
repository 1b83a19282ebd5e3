import { isObservable, lastValueFrom, takeUntil, fromEvent } from 'rxjs';
import type { Observable } from 'rxjs';

/** What a handler may return: sync, async, or an Observable (its last value counts). */
export type Result<T> = T | PromiseLike<T> | Observable<T>;
export type Unwrapped<R> = R extends Observable<infer T> ? T : Awaited<R>;

/** The promise of whatever a handler returned, or undefined where it is a plain value. */
export function promiseOf(result: unknown, signal: () => AbortSignal): Promise<unknown> | undefined {
  if (typeof result !== 'object' || result === null) return undefined;
  if (isThenable(result)) return Promise.resolve(result);
  if (!isObservable(result)) return undefined;
  return lastValueFrom(result.pipe(takeUntil(fromEvent(signal(), 'abort'))), { defaultValue: undefined });
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
