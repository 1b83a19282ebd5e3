import { AsyncResource } from 'node:async_hooks';
import type { CanActivate, ExceptionFilter, NestInterceptor, PreRequestHook } from '@nestjs/common';
import { defer, from, isObservable, lastValueFrom, mergeMap, of, type Observable } from 'rxjs';
import type { CallContext } from '../call.js';
import { AccessDeniedError } from '../errors.js';
import { LiveCall } from '../pools/live-call.js';
import type { RouteExecutionContext } from './execution-context.js';
import { caughtBy } from './nest-metadata.js';

const SCOPE = 'sallyport.interceptor';

/** Every guard in turn. @throws AccessDeniedError once one says no */
export async function activate(guards: readonly CanActivate[], context: RouteExecutionContext): Promise<void> {
  for (const guard of guards) {
    const answer = guard.canActivate(context);
    const allowed = typeof answer === 'boolean' ? answer : await settled(await answer);
    if (!allowed) throw new AccessDeniedError(`a guard does not let this call into ${placeOf(context)}`);
  }
}

/**
 * The handler inside of the interceptors, the first of them outermost. Each goes on in the async context in which the
 * one around it called `handle()`, so that what it keeps in an AsyncLocalStorage is there further in.
 */
export function intercept(
  interceptors: readonly NestInterceptor[],
  context: RouteExecutionContext,
  handler: () => unknown,
): unknown {
  if (interceptors.length === 0) return handler();
  const at = (index: number): Observable<unknown> => {
    const resource = new AsyncResource(SCOPE);
    const step = (): unknown =>
      index === interceptors.length
        ? handler()
        : interceptors[index]!.intercept(context, { handle: () => at(index + 1) });
    return defer(() => streamOf(resource.runInAsyncScope(step)));
  };
  return at(0);
}

/** Hooks around everything, as `registerPreRequestHook` has them. */
export function hook(
  hooks: readonly PreRequestHook[],
  context: RouteExecutionContext,
  pipeline: () => unknown,
): unknown {
  if (hooks.length === 0) return pipeline();
  const next = (index: number): Observable<unknown> =>
    index === hooks.length ? defer(() => streamOf(pipeline())) : hooks[index]!(context, () => next(index + 1));
  return next(0);
}

/** What the first filter that catches the error makes of it. Where none does, or it gives nothing, the error goes on. */
export async function handleError(
  filters: readonly ExceptionFilter[],
  error: unknown,
  context: RouteExecutionContext,
): Promise<unknown> {
  const filter = filters.find((candidate) => catches(candidate, error));
  const answer: unknown = await filter?.catch(error, context);
  if (answer === undefined || answer === null) throw error;
  return answer;
}

function catches(filter: ExceptionFilter, error: unknown): boolean {
  const types = caughtBy(filter);
  return types.length === 0 || types.some((type) => error instanceof type);
}

/** The last value; once nobody wants the call any more, the last so far. */
export function lastOf(stream: Observable<unknown>, call: CallContext): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let last: unknown;
    const subscription = stream.subscribe({
      next: (value) => (last = value),
      error: reject,
      complete: () => resolve(last),
    });
    // Its signal would do, but costs more than all the rest of this.
    if (subscription.closed || !(call instanceof LiveCall)) return;
    call.whenAborted(() => {
      subscription.unsubscribe();
      resolve(last);
    });
  });
}

/** Of a value, a promise, an Observable, or a promise of one. */
function streamOf(result: unknown): Observable<unknown> {
  if (isObservable(result)) return result;
  if (!(result instanceof Promise)) return of(result);
  return from(result as Promise<unknown>).pipe(mergeMap((value) => (isObservable(value) ? value : of(value))));
}

async function settled(answer: boolean | Observable<boolean>): Promise<boolean> {
  return isObservable(answer) ? lastValueFrom(answer) : answer;
}

function placeOf(context: RouteExecutionContext): string {
  return `${context.getClass().name}.${context.getHandler().name}`;
}
