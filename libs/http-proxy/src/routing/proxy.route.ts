import type { IncomingMessage } from 'node:http';
import type { BlockList } from 'node:net';
import { TransportError, type RetryOptions } from 'sallyport';
import { composeOperation, isLocalFailure, type Arrival, type Operation, type Pools } from 'sallyport/internal';
import type { HttpProxyCommand } from '../http-proxy.command.js';
import { originIn, regexOf, trusted, type ProxyOptions } from '../http-proxy.options.js';
import type { Target } from './target.js';

export const GROUP = 'http-proxy';
export const CONNECT_TIMEOUT_MS = 1_000;

/** The head is out and the rest did not come: nothing can stand in for it any more. */
export class ResponseCutError extends TransportError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, 'http', 'disconnected', options);
  }
}

/** One line of the table, with everything that is known before the first request. */
export class ProxyRoute {
  readonly key: string;
  readonly group: string;
  readonly origin: string;
  readonly connectTimeoutMs: number;
  readonly preserveHost: boolean;
  readonly trusted: BlockList | undefined;
  /** Its command. Nothing is repeated once the head of a response is out. */
  readonly operation: Operation;
  private readonly arrival: Arrival;
  private readonly regex: RegExp;
  private readonly methods: ReadonlySet<string> | undefined;
  private readonly basePath: string;
  private readonly allowed: ReadonlySet<string>;

  constructor(
    private readonly options: ProxyOptions,
    pools: Pools,
    readonly hooks?: HttpProxyCommand,
  ) {
    const upstream = originIn(options.upstream)!;
    this.key = options.key ?? options.name ?? String(options.match);
    this.group = options.group ?? GROUP;
    this.origin = upstream.origin;
    this.basePath = upstream.pathname.replace(/\/+$/, '');
    this.regex = regexOf(options.match);
    this.methods = options.methods && new Set(options.methods.map((method) => method.toUpperCase()));
    this.allowed = new Set([upstream.origin, ...(options.allowedUpstreams ?? []).map((url) => originIn(url)!.origin)]);
    this.connectTimeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
    this.preserveHost = options.preserveHost ?? false;
    this.trusted = trusted(options.trustedProxies);
    this.arrival = { transport: 'http', route: this.key };
    this.operation = this.compose(pools);
  }

  matches(method: string, path: string): boolean {
    return (this.methods === undefined || this.methods.has(method)) && this.regex.test(path);
  }

  allows(origin: string): boolean {
    return this.allowed.has(origin);
  }

  /** What is asked of the upstream. Whatever the rewrite gives is a path there, never a host. */
  pathFor({ path, query }: Target): string {
    const { rewrite } = this.options;
    const rewritten = rewrite === undefined ? path : path.replace(this.regex, rewrite);
    const rooted = rewritten.startsWith('/') ? rewritten : `/${rewritten}`;
    return this.basePath + rooted + (rewritten.includes('?') ? query.replace('?', '&') : query);
  }

  /** What the context of its call says; where no hook can look, that is the same for every request. */
  arrivalOf(request: IncomingMessage): Arrival {
    if (this.hooks === undefined) return this.arrival;
    const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
    return { ...this.arrival, headers: Object.freeze(Object.fromEntries(headers)), raw: request };
  }

  private compose(pools: Pools): Operation {
    const { context = this.hooks !== undefined, retry } = this.options;
    const fallback = this.hooks?.fallback === undefined ? undefined : fallBack;
    const options = { ...this.options, context, retry: retry && { ...retry, when: repeatable(retry) } };
    return composeOperation(pools.ensure(this.group), this.key, options, fallback);
  }
}

function repeatable({ when = isLocalFailure }: RetryOptions): (error: Error) => boolean {
  return (error) => !(error instanceof ResponseCutError) && when(error);
}

function fallBack(work: unknown, error: unknown): Promise<void> {
  return (work as { fallBack(error: unknown): Promise<void> }).fallBack(error);
}
