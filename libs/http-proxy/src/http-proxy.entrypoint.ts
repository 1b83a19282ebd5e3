import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { Execution, type HttpFront } from 'sallyport/internal';
import { refuse } from './answer.js';
import { Exchange, type Proxied } from './exchange/exchange.js';
import { HookedExchange } from './exchange/hooked.exchange.js';
import { noteArrival } from './exchange/last-reply.js';
import { Tunnels } from './exchange/tunnels.js';
import { Upstreams } from './exchange/upstreams.js';
import { MALFORMED, NO_SUCH_PATH, refusalOf, TOO_MANY_TUNNELS } from './http-proxy.errors.js';
import type { ProxyTable } from './routing/proxy.table.js';
import { isAmbiguous, targetOf } from './routing/target.js';

const NONE: readonly unknown[] = [];

/** Where a request becomes a command. */
export class HttpProxyEntrypoint implements HttpFront {
  private readonly upstreams = new Upstreams();
  private readonly tunnels: Tunnels;
  private readonly door = { closing: false };

  constructor(
    private readonly table: ProxyTable,
    maxTunnels: number,
  ) {
    this.tunnels = new Tunnels(maxTunnels);
  }

  /** How many WebSockets are open. */
  get open(): number {
    return this.tunnels.size;
  }

  knows({ method, url }: IncomingMessage): boolean {
    return this.table.match(method!, targetOf(url!).path) !== undefined;
  }

  /** False: the request is nobody's here. */
  accept(request: IncomingMessage, response: ServerResponse): boolean {
    noteArrival(request);
    const proxied = this.proxied(request, response);
    if (proxied === undefined) return false;
    if (isAmbiguous(proxied.target)) refuse(response, MALFORMED);
    else this.exchange(proxied);
    return true;
  }

  /** The same on a listener where nobody else would answer. */
  serve(request: IncomingMessage, response: ServerResponse): void {
    if (this.accept(request, response)) return;
    refuse(response, isAmbiguous(targetOf(request.url!)) ? MALFORMED : NO_SUCH_PATH);
  }

  /** False: the handshake is nobody's here. `response` speaks on the socket until it is switched to another protocol. */
  tunnel(request: IncomingMessage, response: ServerResponse, socket: Duplex, head: Buffer): boolean {
    const proxied = this.proxied(request, response);
    if (proxied === undefined) return false;
    if (isAmbiguous(proxied.target)) refuse(response, MALFORMED);
    else if (this.tunnels.full) refuse(response, TOO_MANY_TUNNELS);
    else this.submit(proxied, this.tunnels.add(proxied, socket, head));
    return true;
  }

  /** Replies say from now on that their connection ends with them. */
  leave(): void {
    this.door.closing = true;
  }

  async close(): Promise<void> {
    this.tunnels.close();
    await this.upstreams.close();
  }

  private proxied(request: IncomingMessage, response: ServerResponse): Proxied | undefined {
    const target = targetOf(request.url!);
    const route = this.table.match(request.method!, target.path);
    return route && { route, request, response, target, door: this.door };
  }

  private exchange(proxied: Proxied): void {
    const { route } = proxied;
    this.submit(proxied, new (route.hooks === undefined ? Exchange : HookedExchange)(proxied, this.upstreams));
  }

  private submit(proxied: Proxied, work: Work): void {
    const { route, request, response } = proxied;
    const options = { arrival: route.arrivalOf(request), idempotent: work.repeatable ? undefined : false };
    const call = new Execution(route.operation, run, work, NONE, options);
    work.call = call;
    response.once('close', () => {
      if (!response.writableFinished) call.cancel(new Error('the client is gone'));
    });
    call.submit<void>().catch((error: unknown) => refuse(response, refusalOf(error)));
  }
}

/** What a proxied request makes its command do. */
export interface Work {
  call: Execution;
  readonly repeatable: boolean;
  run(): Promise<void>;
}

function run(this: unknown): Promise<void> {
  return (this as Work).run();
}
