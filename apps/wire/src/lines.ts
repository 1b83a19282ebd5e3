import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import {
  AccessDeniedError,
  type GatewayTransport,
  HandlerNotFoundError,
  isGatewayError,
  type Outcome,
} from 'sallyport';
import { RemoteError, type RouteDescription, ShuttingDownError, type TransportHost } from 'sallyport';

const MAX_LINE = 1_048_576;
const MAX_IN_FLIGHT = 256;

/** `{ id, method, params, headers }` is answered `{ id, result }` or `{ id, error }`; `{ cancel: id }` calls one off. */
interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly headers?: Record<string, string>;
  readonly cancel?: number;
}

/** Calls as lines of JSON over TCP. */
export class LinesTransport implements GatewayTransport {
  readonly name = 'lines';
  readonly kinds = ['method']; // add 'event', and emit(), for a wire that carries events
  private readonly methods = new Map<string, RouteDescription>();
  private readonly server = createServer((socket) => this.serve(socket));
  private readonly sockets = new Set<Socket>();
  private host!: TransportHost;
  private open = false;

  constructor(private readonly port: number) {}

  async start(host: TransportHost): Promise<void> {
    this.host = host;
    for (const route of host.routes) this.methods.set(String(route.entrypoint.options.name), route);
    await once(this.server.listen(this.port, '127.0.0.1'), 'listening');
    this.open = true;
  }

  async stopIntake(): Promise<void> {
    this.open = false; // what is being handled is answered all the same
    this.server.close();
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.end(); // after what was written
  }

  health(): { status: 'up' | 'down'; connections: number } {
    return { status: this.open ? 'up' : 'down', connections: this.sockets.size };
  }

  private serve(socket: Socket): void {
    const calls = new Map<number, AbortController>();
    let rest = '';
    this.sockets.add(socket);
    socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      for (const line of lines) void this.receive(line, socket, calls);
      if (rest.length > MAX_LINE || calls.size > MAX_IN_FLIGHT) socket.destroy();
    });
    socket
      .on('error', () => {})
      .on('close', () => {
        this.sockets.delete(socket);
        for (const call of calls.values()) call.abort(new Error('the caller has gone'));
      });
  }

  private async receive(line: string, socket: Socket, calls: Map<number, AbortController>): Promise<void> {
    const message = parsed(line);
    if (message?.cancel !== undefined) return calls.get(message.cancel)?.abort();
    if (message?.id === undefined) return void socket.destroy(); // whoever that is, it speaks something else
    const call = new AbortController();
    calls.set(message.id, call);
    const outcome = await this.outcomeOf(message, call.signal);
    calls.delete(message.id);
    if (socket.writable) socket.write(`${replyTo(message.id, outcome)}\n`);
  }

  private async outcomeOf({ method = '', params, headers = {} }: Message, signal: AbortSignal): Promise<Outcome> {
    const route = this.methods.get(method); // a Map: no name of what every object has is a method
    if (!this.open) return { ok: false, error: new ShuttingDownError('this server takes nothing new') };
    if (route === undefined) return { ok: false, error: new HandlerNotFoundError(`there is no method "${method}"`) };
    if (route.entrypoint.options.private) return { ok: false, error: new AccessDeniedError(`"${method}" is private`) };
    return this.host.dispatch(route, params, { ...this.host.contextOf(headers), signal });
  }
}

function parsed(line: string): Message | undefined {
  try {
    const message: unknown = JSON.parse(line);
    return typeof message === 'object' && message !== null ? message : undefined;
  } catch {
    return undefined;
  }
}

/** One table, one place: what goes out for each outcome. Errors of ours cross as they are; of others, their message. */
function replyTo(id: number, outcome: Outcome): string {
  try {
    if (outcome.ok) return JSON.stringify({ id, result: outcome.value });
    if (isGatewayError(outcome.error)) return JSON.stringify({ id, error: outcome.error });
  } catch (error) {
    return JSON.stringify({ id, error: new RemoteError(`it cannot be sent: ${String(error)}`, 'UNSERIALISABLE') });
  }
  return JSON.stringify({ id, error: new RemoteError('internal error', 'INTERNAL') });
}
