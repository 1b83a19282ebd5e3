import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import { InvalidCallError, Telemetry, type CallOptions, type Remote } from 'sallyport';
import { checkCallOptions, Execution, Pools } from 'sallyport/internal';
import { HttpWire } from './http-wire.js';
import { checkClientOptions, headerOf, type JsonRpcClientOptions } from './json-rpc-client.options.js';
import { Operations } from './operations.js';
import { OutgoingBatch, type BatchMember, type BatchResult } from './outgoing-batch.js';
import { OutgoingCall, type OutgoingWork } from './outgoing-call.js';
import { remoteOf } from './remote.js';
import { SocketWire } from './socket-wire.js';
import { TickBatches } from './tick-batches.js';
import type { Wire } from './wire.js';

type Params = unknown[] | object;
type NoEvents = Record<string, () => void>;

const BATCH = '(batch)';
const METADATA = 'sallyport-metadata';
const NONE: readonly unknown[] = [];

/**
 * Calls another service over HTTP, or over one WebSocket that is opened again whenever it is lost. Every call is a
 * command: bounded, timed, behind the circuit of its method. Also a `ClientProxy` of Nest.
 *
 * @example
 * ```ts
 * const accounts = new JsonRpcClient({ url: 'http://127.0.0.1:4001/api' });
 * const user = await accounts.call('users.find', { id: 7 });
 * const users = accounts.of<UsersApi>('users');
 * ```
 */
export class JsonRpcClient extends ClientProxy<NoEvents, 'connected' | 'disconnected'> {
  private readonly wire: Wire;
  private readonly pools: Pools | undefined;
  private readonly operations: Operations;
  private lastId = 0;

  /** @throws ConfigurationError with every problem of the options */
  constructor(options: JsonRpcClientOptions, shared?: Pools) {
    super();
    checkClientOptions(options);
    const { url, pool, batchWithinTick = false } = options;
    const target = new URL(url);
    this.pools = shared === undefined ? new Pools(undefined, new Telemetry()) : undefined;
    const pools = shared ?? this.pools!;
    const group = typeof pool === 'string' ? pool : `json-rpc:${target.host}`;
    this.operations = new Operations(
      typeof pool === 'object' ? pools.register(group, pool) : pools.ensure(group),
      options,
    );
    this.wire = this.wireTo(target, headerOf(options.credentials), batchWithinTick);
  }

  /** Gives the result, or rejects with the error of the other side: ours by its `code`, any other as RemoteError. */
  call<T = unknown>(method: string, params?: Params, options?: CallOptions): Promise<T> {
    return this.attempt<T>(() => this.callOf(method, params, options, this.nextId).submit());
  }

  /** Resolves when it was handed over: over HTTP once the other side has it, over a WebSocket once it was written. */
  notify(method: string, params?: Params, options?: CallOptions): Promise<void> {
    return this.attempt<void>(() => this.callOf(method, params, options, undefined).submit());
  }

  /** Many calls in one message, and one command. Gives what came of each by its position; of a notification, nothing. */
  batch(
    calls: readonly { method: string; params?: Params; notify?: boolean }[],
    options?: CallOptions,
  ): Promise<BatchResult> {
    if (calls.length === 0) return Promise.resolve([]);
    return this.attempt(() => {
      const members = calls.map(({ method, params, notify = false }): BatchMember => {
        return { method: JSON.stringify(named(method)), params: paramsJson(method, params), notify };
      });
      const work = new OutgoingBatch(this.wire, options?.headers, members, this.nextId);
      return this.execution(BATCH, work, options).submit<BatchResult>();
    });
  }

  /** Its methods are those of the other side, in that namespace. */
  of<T extends object>(namespace?: string, options?: CallOptions): Remote<T> {
    return remoteOf<T>(namespace, (method, args) => this.call(method, args, options));
  }

  /** Over a WebSocket resolves when it is open; over HTTP there is nothing to do. */
  connect(): Promise<void> {
    return this.wire.connect();
  }

  /** What is under way fails. */
  async close(): Promise<void> {
    this.pools?.close(new Error('the client was closed'));
    await this.wire.close();
  }

  /** The pool of undici, or the WebSocket of `ws`. */
  unwrap<T>(): T {
    return this.wire.driver as T;
  }

  onApplicationShutdown(): Promise<void> {
    return this.close();
  }

  protected publish(packet: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    const execution = this.callOf(this.normalizePattern(packet.pattern), ...sentAs(packet), this.nextId);
    execution.submit().then(
      (response) => callback({ response, isDisposed: true }),
      (err: unknown) => callback({ err, isDisposed: true }),
    );
    return () => void execution.cancel();
  }

  protected async dispatchEvent<T = unknown>(packet: ReadPacket): Promise<T> {
    const [params, options] = sentAs(packet);
    return (await this.notify(this.normalizePattern(packet.pattern), params, options)) as T;
  }

  private callOf(
    method: string,
    params: Params | undefined,
    options: CallOptions | undefined,
    nextId: (() => number) | undefined,
  ): Execution {
    if (options !== undefined) checkCallOptions(options);
    const { json } = this.operations.of(named(method));
    const text = { method: json, params: paramsJson(method, params) };
    return this.execution(method, new OutgoingCall(this.wire, options?.headers, text, nextId), options);
  }

  private execution(method: string, work: OutgoingWork, options: CallOptions | undefined): Execution {
    const { once, again, idempotent } = this.operations.of(method);
    const repeat = options?.idempotent ?? idempotent;
    work.execution = new Execution(repeat ? again : once, run, work, NONE, options);
    return work.execution;
  }

  /** What cannot be meant is a rejection too. */
  private attempt<T>(start: () => Promise<T>): Promise<T> {
    try {
      return start();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  private readonly nextId = (): number => ++this.lastId;

  private wireTo(url: URL, credentials: [string, string] | undefined, batchWithinTick: boolean): Wire {
    if (url.protocol.startsWith('ws')) {
      const headers = credentials === undefined ? {} : Object.fromEntries([credentials]);
      return new SocketWire(url.href, headers, (status) => this._status$.next(status));
    }
    const wire = new HttpWire(url, credentials ?? []);
    return batchWithinTick ? new TickBatches(wire) : wire;
  }
}

function run(this: unknown): Promise<unknown> {
  return (this as OutgoingWork).run();
}

function named(method: unknown): string {
  if (typeof method === 'string') return method;
  throw new InvalidCallError('a method is called by its name, which is a string');
}

/** As they are now, whatever becomes of them while the call waits. */
function paramsJson(method: string, params: unknown): string | undefined {
  if (params === undefined) return undefined;
  const problem = `the params of "${method}" must be an array or an object`;
  if (typeof params !== 'object' || params === null) throw new InvalidCallError(problem);
  let json: string | undefined;
  try {
    json = JSON.stringify(params) as string | undefined;
  } catch (cause) {
    throw new InvalidCallError(`the params of "${method}" cannot be written as JSON`, [], { cause });
  }
  if (json === undefined || !/^[[{]/.test(json)) throw new InvalidCallError(problem);
  return json;
}

/** JSON-RPC has no params that are one value: it becomes the first of them. What a dispatch hook adds goes along. */
function sentAs({ data, metadata }: ReadPacket & { metadata?: unknown }): [Params, CallOptions | undefined] {
  const params = typeof data === 'object' && data !== null ? (data as object) : [data];
  if (metadata === undefined) return [params, undefined];
  return [params, { headers: { [METADATA]: encodeURIComponent(JSON.stringify(metadata)) } }];
}
