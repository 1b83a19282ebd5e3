import { Injectable } from '@nestjs/common';
import { currentCall, ExposedMethod } from 'sallyport';
import { RpcRequest, type RpcRequestInfo } from 'sallyport/json-rpc';
import { deferred } from '../../../support/deferred.js';

/** Methods that most tests get by with. */
@Injectable()
export class Echo {
  readonly seen: unknown[] = [];
  /** Told when `wait` has begun, and when its signal aborts. */
  readonly begun = deferred();
  readonly aborted = deferred<unknown>();
  readonly finish = deferred<unknown>();

  @ExposedMethod()
  echo(...values: unknown[]): unknown {
    this.seen.push(...values);
    return values;
  }

  @ExposedMethod({ params: ['a', 'b'] })
  named(a: unknown, b: unknown = 'default'): unknown {
    return [a, b];
  }

  @ExposedMethod({ private: true })
  secret(): string {
    return 'secret';
  }

  @ExposedMethod({ private: true, params: ['a'] })
  other(a: unknown): unknown {
    return a;
  }

  @ExposedMethod()
  fails(): never {
    throw new Error('the password is 1234');
  }

  @ExposedMethod()
  request(@RpcRequest() request: RpcRequestInfo): unknown {
    const { method, headers, cookies, remoteAddress } = request;
    return { method, headers, cookies, remoteAddress };
  }

  @ExposedMethod()
  context(): unknown {
    const { headers, traceparent, correlationId, transport, route } = currentCall();
    const remainingMs = currentCall().remainingMs();
    return { headers, traceparent, correlationId, transport, route, remainingMs };
  }

  @ExposedMethod()
  wait(): Promise<unknown> {
    const { signal } = currentCall();
    signal.addEventListener('abort', () => this.aborted.resolve(signal.reason));
    this.begun.resolve();
    return this.finish.promise;
  }
}
