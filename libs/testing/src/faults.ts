import { currentCall } from 'sallyport';

/** What one call does: answer, throw, never settle, throw that error, or answer after a while. */
export type Fault = 'ok' | 'throw' | 'hang' | Error | { delayMs: number };

/**
 * A target that misbehaves by script: each call plays the next line, and calls beyond the last one are `ok`. It
 * answers with its first argument. A delay ends early, with the signal's reason, when the call's signal aborts.
 *
 * @example
 * ```ts
 * const target = faults(['throw', { delayMs: 50 }, 'ok']);
 * ```
 */
export function faults(script: Fault[]): (...args: unknown[]) => Promise<unknown> {
  const lines = script[Symbol.iterator]();
  let calls = 0;
  return async (...args) => {
    calls++;
    const { value: fault = 'ok' } = lines.next() as { value?: Fault };
    if (fault === 'throw') throw new Error(`call ${calls} fails by script`);
    if (fault instanceof Error) throw fault;
    if (fault === 'hang') return new Promise<never>(() => {});
    if (typeof fault === 'object') await delayed(fault.delayMs, currentCall().signal);
    return args[0];
  };
}

function delayed(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
