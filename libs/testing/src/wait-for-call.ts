import { RouteTable, type Outcome } from 'sallyport';
import { CallWatch, type WatchedCall } from 'sallyport/internal';

export interface WaitOptions {
  /** Resolves with that one, counted from now on. @default 1 */
  count?: number;
  /** Of real time. @default 5_000 */
  timeoutMs?: number;
}

const TIMEOUT_MS = 5_000;

/**
 * Resolves when a route has been called and its call is over. `route` is the name of an exposed method, or the handler:
 * `Audit.paid`. Begin to wait before you do what causes the call.
 *
 * @example
 * ```ts
 * const handled = waitForCall(app, 'Audit.paid');
 * await app.get(Events).emit('paid', { order: 7 });
 * expect((await handled).outcome.ok).toBe(true);
 * ```
 * @throws Error for a route that the app does not have, and when the time is over
 */
export function waitForCall(
  // eslint-disable-next-line typescript/no-explicit-any -- the token of any provider
  app: { get<T>(token: any): T },
  route: string,
  { count = 1, timeoutMs = TIMEOUT_MS }: WaitOptions = {},
): Promise<{ args: unknown[]; outcome: Outcome }> {
  const known = namesIn(app.get<RouteTable>(RouteTable));
  if (!known.includes(route)) {
    return Promise.reject(new Error(`"${route}" is no route of this app (there are: ${known.join(', ') || 'none'})`));
  }
  return new Promise((resolve, reject) => {
    let seen = 0;
    const end = (): void => {
      clearTimeout(timer);
      stop();
    };
    const onCall = (call: WatchedCall): void => {
      if ((call.route !== route && call.handler !== route) || ++seen < count) return;
      end();
      resolve({ args: [...call.args], outcome: call.outcome });
    };
    const stop = app.get<CallWatch>(CallWatch).watch(onCall);
    const timer = setTimeout(() => {
      end();
      reject(new Error(`"${route}" was called ${seen} of ${count} times in ${timeoutMs} ms`));
    }, timeoutMs);
  });
}

/** What each route may be waited for by. */
function namesIn(table: RouteTable): string[] {
  const names = table
    .describe()
    .flatMap(({ entrypoint, handler }) => [
      ...(entrypoint.kind === 'method' ? [entrypoint.options['name'] as string] : []),
      handler,
    ]);
  return [...new Set(names)];
}
