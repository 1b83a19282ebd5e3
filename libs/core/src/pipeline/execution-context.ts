import type { ArgumentsHost, ContextType, ExecutionContext, Type } from '@nestjs/common';
import type { CallContext } from '../call.js';

/** What guards, interceptors, filters and parameter decorators see of a call: as in a microservice, of type `rpc`. */
export class RouteExecutionContext implements ExecutionContext {
  /** Payload and context; who replaces one of them here replaces it for those that come after, as in Nest. */
  readonly args: [payload: unknown, context: CallContext];

  constructor(
    private readonly type: Type<object>,
    private readonly handler: (...args: unknown[]) => unknown,
    payload: unknown,
    context: CallContext,
  ) {
    this.args = [payload, context];
  }

  getClass<T>(): Type<T> {
    return this.type as Type<T>;
  }

  getHandler(): (...args: unknown[]) => unknown {
    return this.handler;
  }

  getArgs<T extends unknown[]>(): T {
    return this.args as unknown as T;
  }

  getArgByIndex<T>(index: number): T {
    return this.args[index] as T;
  }

  getType<T extends string = ContextType>(): T {
    return 'rpc' as T;
  }

  switchToRpc(): ReturnType<ArgumentsHost['switchToRpc']> {
    return { getData: <T>() => this.args[0] as T, getContext: <T>() => this.args[1] as T };
  }

  switchToHttp(): ReturnType<ArgumentsHost['switchToHttp']> {
    return {
      getRequest: <T>() => this.args[0] as T,
      getResponse: <T>() => this.args[1] as T,
      getNext: <T>() => undefined as T,
    };
  }

  switchToWs(): ReturnType<ArgumentsHost['switchToWs']> {
    return {
      getClient: <T>() => this.args[0] as T,
      getData: <T>() => this.args[1] as T,
      getPattern: () => this.args[1].route,
    };
  }
}
