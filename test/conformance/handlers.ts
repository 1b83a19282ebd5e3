import { Injectable } from '@nestjs/common';
import { currentCall, EventHandler, ExposedMethod, type CallContext } from 'sallyport';
import { deferred, type Deferred } from '../support/deferred.js';

/** What the app under test exposes. */
@Injectable()
export class Handlers {
  readonly handled: unknown[] = [];
  /** Told when a handler that waits has begun, and when its signal aborts. */
  readonly begun = deferred<CallContext>();
  readonly aborted = deferred<unknown>();
  /** What `wait` and `slow` wait for. */
  readonly finish: Deferred<unknown> = deferred<unknown>();
  atOnce = 0;
  mostAtOnce = 0;
  thrown: unknown;

  @ExposedMethod()
  async echo(value: unknown): Promise<unknown> {
    this.handled.push(value);
    return value;
  }

  /** The first call is the last to end. */
  @ExposedMethod({ params: ['number', 'of'] })
  async countdown(number: number, of: number): Promise<number> {
    this.handled.push(number);
    for (let turn = number; turn < of; turn++) await new Promise(setImmediate);
    return number;
  }

  @ExposedMethod()
  nothing(): void {}

  @ExposedMethod()
  throws(): never {
    throw this.thrown;
  }

  @ExposedMethod()
  unserialisable(kind: 'bigint' | 'cycle' | 'function'): unknown {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    return { bigint: 1n, cycle, function: () => 1 }[kind];
  }

  @ExposedMethod()
  context(): unknown {
    const { headers, traceparent, route, transport } = currentCall();
    return { headers, traceparent, route, transport, remainingMs: finite(currentCall().remainingMs()) };
  }

  @ExposedMethod()
  wait(): Promise<unknown> {
    const { signal } = currentCall();
    signal.addEventListener('abort', () => this.aborted.resolve(signal.reason));
    this.begun.resolve(currentCall());
    return this.finish.promise;
  }

  @ExposedMethod({ pool: 'narrow' })
  narrow(): Promise<unknown> {
    return this.wait();
  }

  @ExposedMethod({ private: true })
  secret(): string {
    return 'secret';
  }

  @EventHandler('happened')
  happened(body: unknown, context: CallContext): void {
    this.handled.push({ body, headers: context.headers });
  }

  @EventHandler('crowded', { pool: 'narrow' })
  async crowded(number: number): Promise<void> {
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
    await new Promise(setImmediate);
    this.handled.push(number);
    this.atOnce--;
  }

  @EventHandler('awaited')
  async awaited(body: unknown): Promise<void> {
    this.begun.resolve(currentCall());
    await this.finish.promise;
    this.handled.push(body);
  }
}

function finite(ms: number): number | null {
  return Number.isFinite(ms) ? ms : null;
}
