import type { Server as HttpServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { Server } from '@nestjs/microservices';
import { ConfigurationError } from 'sallyport';
import { resolveJsonRpcOptions, type JsonRpcOptions, type ResolvedJsonRpcOptions } from '../json-rpc.options.js';
import { Authentication } from '../server/authentication.js';
import { authenticatorsOf } from '../server/authenticators.js';
import { Doors } from '../server/doors.js';
import { Reception } from '../server/reception.js';
import type { StrategyCall } from './strategy-call.js';
import { StrategyMethod, type Around } from './strategy-method.js';

type Listener = (...args: unknown[]) => void;

const FACTORY = 'JsonRpcServer';
/** For calls to end once the server is told to close. */
const CLOSE_GRACE_MS = 5_000;

/**
 * JSON-RPC 2.0 for the controllers of a Nest microservice: a string as `@MessagePattern` is the name of a method, one as
 * `@EventPattern` that of a notification. Outside of GatewayModule: no pools, and no deadlines.
 *
 * @example
 * ```ts
 * const app = await NestFactory.createMicroservice(AppModule, { strategy: new JsonRpcServer({ port: 4001 }) });
 * ```
 */
export class JsonRpcServer extends Server<Record<string, Listener>, 'connected' | 'disconnected'> {
  private readonly options: ResolvedJsonRpcOptions;
  private readonly listeners: { event: string; listener: Listener }[] = [];
  private doors: Doors | undefined;
  private isWatched = false;

  /** @throws ConfigurationError with every problem of the options */
  constructor(options?: JsonRpcOptions) {
    super();
    this.options = resolveJsonRpcOptions(options, FACTORY);
  }

  listen(callback: (error?: unknown) => void): void {
    this.open().then(() => callback(), callback);
  }

  /** Resolves when the last reply is out, or has taken too long. */
  async close(): Promise<void> {
    const { doors } = this;
    if (doors === undefined) return;
    this.doors = undefined;
    const overdue = new AbortController();
    await Promise.race([doors.leave(), pause(CLOSE_GRACE_MS, undefined, { signal: overdue.signal }).catch(() => {})]);
    overdue.abort();
    await doors.close();
    this._status$.next('disconnected');
  }

  /** Events of the HTTP server. */
  on(event: string, listener: Listener): void {
    if (this.doors === undefined) this.listeners.push({ event, listener });
    else this.doors.server!.on(event, listener);
  }

  /** The HTTP server. */
  unwrap<T>(): T {
    if (this.doors === undefined) throw new Error('JsonRpcServer does not listen yet');
    return this.doors.server as T;
  }

  override setOnProcessingStartHook(hook: Parameters<Server['setOnProcessingStartHook']>[0]): void {
    this.isWatched = true;
    super.setOnProcessingStartHook(hook);
  }

  override setOnProcessingEndHook(hook: Parameters<Server['setOnProcessingEndHook']>[0]): void {
    this.isWatched = true;
    super.setOnProcessingEndHook(hook);
  }

  private async open(): Promise<void> {
    const { options } = this;
    if (options.port === undefined) {
      const message = 'is required: a strategy has no part in the HTTP server of an app';
      throw new ConfigurationError([{ path: `${FACTORY}.port`, message }]);
    }
    const authentication = new Authentication(authenticatorsOf(options.authenticators, undefined, FACTORY));
    const names = [...this.messageHandlers.entries()];
    const methods = names.map(([name, handler]) => [name, new StrategyMethod(name, handler, this.around)] as const);
    const trusted = false;
    const reception = new Reception(FACTORY, new Map(methods), authentication, { ...options, trusted });
    this.doors = await Doors.open(options, reception, { app: undefined, takesContext: trusted, factory: FACTORY });
    for (const { event, listener } of this.listeners) (this.doors.server as HttpServer).on(event, listener);
    this._status$.next('connected');
  }

  /** Hooks are rare, and cost a stream for each call. */
  private get around(): Around {
    if (!this.isWatched) return undefined;
    return (context: StrategyCall, run) =>
      new Promise((over) => {
        this.runWithProcessingHooks(context as never, async (end) => {
          await run();
          end();
          over();
        });
      });
  }
}
