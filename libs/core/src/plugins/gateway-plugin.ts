import type { CallContext } from '../call.js';

/**
 * Something that goes along with the service: it is started and stopped with it, and hears of calls. A provider of the
 * app that extends this class is one; others find it with `Plugins.get(name)`, or inject it.
 *
 * Hooks run in the order of `order`, then of registration, each awaited before the next. One that throws is logged,
 * and changes nothing for the call and for the others, with two exceptions: what `onServiceStart` throws fails the
 * bootstrap, and a `CallRejectedError` that `onMethodCall` throws, as `AccessDeniedError` is, refuses the call.
 *
 * @example
 * ```ts
 * @Injectable()
 * class Audit extends GatewayPlugin {
 *   readonly name = 'audit';
 *   onMethodCall(call: CallContext, payload: unknown) { this.write(call.route, payload); }
 * }
 * ```
 */
export abstract class GatewayPlugin {
  /** Unique in the app. */
  abstract readonly name: string;
  /** Lower ones first, and stopped last. @default 0 */
  readonly order?: number;

  /** When every provider is up, before the first message comes in. */
  onServiceStart?(): unknown;
  /** When the last call has ended, in the opposite order; only for those that were started. */
  onServiceStop?(): unknown;
  /** Before the handler of an exposed method. For what has to be refused, a guard is as good. */
  onMethodCall?(call: CallContext, payload: unknown): unknown;
  /** When a handler failed; not for what was refused, or cancelled by its caller. */
  onInternalError?(error: Error, call: CallContext): unknown;
}
