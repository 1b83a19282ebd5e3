import { AsyncResource } from 'node:async_hooks';
import type { CanActivate, ExceptionFilter, NestInterceptor, PreRequestHook } from '@nestjs/common';
import { isObservable, lastValueFrom, Observable, type Subscriber, type TeardownLogic } from 'rxjs';
import type { CallContext } from '../call.js';
import { AccessDeniedError } from '../errors.js';
import { LiveCall } from '../pools/live-call.js';
import { isThenable } from '../pools/result.js';
import type { RouteExecutionContext } from './execution-context.js';
import { caughtBy } from './nest-metadata.js';

const SCOPE = 'sallyport.interceptor';

/** Every guard in turn; a promise only where one of them gives one. @throws AccessDeniedError once one says no */
export function activate(
  guards: readonly CanActivate[],
  context: RouteExecutionContext,
  first = 0,
): Promise<void> | undefined {
  for (let index = first; index < guards.length; index++) {
    const answer = guards[index]!.canActivate(context);
    if (typeof answer !== 'boolean') {
      return settled(answer).then((allowed) => admit(allowed, context) ?? activate(guards, context, index + 1));
    }
    admit(answer, context);
  }
  return undefined;
}

function admit(allowed: boolean, context: RouteExecutionContext): undefined {
  if (allowed) return;
  const place = `${context.getClass().name}.${context.getHandler().name}`;
  throw new AccessDeniedError(`a guard does not let this call into ${place}`);
}

async function settled(answer: Promise<boolean> | Observable<boolean>): Promise<boolean> {
  const value: boolean | Observable<boolean> = isObservable(answer) ? answer : await answer;
  return isObservable(value) ? lastValueFrom(value) : value;
}

/**
 * The handler inside of the interceptors, the first of them outermost. Each goes on in the async context in which the
 * one around it called `handle()`, so that what it keeps in an AsyncLocalStorage is there further in.
 */
export function intercept(
  interceptors: readonly NestInterceptor[],
  context: RouteExecutionContext,
  handler: () => unknown,
  index = 0,
): unknown {
  if (index === interceptors.length) return handler();
  const handle = (): Observable<unknown> => {
    const scope = new AsyncResource(SCOPE);
    const inner = (): unknown => intercept(interceptors, context, handler, index + 1);
    return streamOf(() => scope.runInAsyncScope(inner));
  };
  return interceptors[index]!.intercept(context, { handle });
}

/** Hooks around everything, as `registerPreRequestHook` has them. */
export function hook(
  hooks: readonly PreRequestHook[],
  context: RouteExecutionContext,
  pipeline: () => unknown,
): unknown {
  if (hooks.length === 0) return pipeline();
  const next = (index: number): Observable<unknown> =>
    index === hooks.length ? streamOf(pipeline) : hooks[index]!(context, () => next(index + 1));
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

/** Without an Observable in hand there is nothing to do: the call path itself looks at what a promise gives. */
export function finished(result: unknown, call: CallContext): unknown {
  return isObservable(result) ? lastValue(result, call) : result;
}

/** The last value, of an Observable or of a promise of one; once nobody wants the call any more, the last so far. */
export function lastOf(result: unknown, call: CallContext): unknown {
  if (isObservable(result)) return lastValue(result, call);
  if (!isThenable(result)) return result;
  return Promise.resolve(result).then((value) => (isObservable(value) ? lastValue(value, call) : value));
}

function lastValue(stream: Observable<unknown>, call: CallContext): Promise<unknown> {
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

/** Of what `produce` gives when somebody subscribes: a value, a promise, an Observable, or a promise of one. */
function streamOf(produce: () => unknown): Observable<unknown> {
  return new Observable((subscriber) => {
    const result = produce();
    if (!isThenable(result)) return pass(result, subscriber);
    let inner: TeardownLogic;
    result.then(
      (value: unknown) => {
        if (!subscriber.closed) inner = pass(value, subscriber);
      },
      (error: unknown) => subscriber.error(error),
    );
    return () => {
      if (inner !== undefined && typeof inner === 'object') inner.unsubscribe();
    };
  });
}

function pass(result: unknown, subscriber: Subscriber<unknown>): TeardownLogic {
  if (isObservable(result)) return result.subscribe(subscriber);
  subscriber.next(result);
  subscriber.complete();
  return undefined;
}
