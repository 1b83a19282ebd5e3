import { Source } from '../envelope/id.js';
import type { ReplyFormat } from '../envelope/reply.js';
import type { Params, RpcCall } from '../envelope/request.js';
import { parse } from '../envelope/text.js';
import type { RpcErrorObject } from '../json-rpc.errors.js';
import type { DescribedMethod } from '../discover/open-rpc.js';
import type { Endpoint } from '../server/endpoint.js';
import type { IncomingCall } from '../server/incoming-call.js';
import type { Origin } from '../server/origin.js';
import type { SocketConnection } from './socket-connection.js';

interface LegacyFrame {
  readonly command: string;
  readonly command_args?: unknown;
  readonly command_kwargs?: unknown;
}

/** The names by which old clients know what went wrong. */
const EXCEPTIONS: ReadonlyMap<number, { exception: string; message?: string }> = new Map([
  [-32_601, { exception: 'RPCTargetDoesNotExist' }],
  [-32_602, { exception: 'RPCMalformedMessage' }],
  [-32_600, { exception: 'RPCMalformedMessage' }],
  [-32_002, { exception: 'MaxConnectionsReached', message: 'No Available Workers' }],
]);

/** `{ data, exception }`, without an id: the order says which frame is answered. */
export const legacyFrameFormat: ReplyFormat = {
  result: (_id, json) => `{"data":${json},"exception":null}`,
  error: (_id, json) => `{"data":null,"exception":${exceptionJson(JSON.parse(json) as RpcErrorObject)}}`,
};

function exceptionJson({ code, message, data }: RpcErrorObject): string {
  const { code: name } = Object(data) as { code?: unknown };
  const known = { message, ...(EXCEPTIONS.get(code) ?? { exception: 'RPCException' }) };
  return JSON.stringify({ ...known, args: [known.message], kwargs: {}, module: null, code: name ?? code });
}

/** The frames of old clients: `{ command, command_args, command_kwargs }`, one at a time and in order. */
export class LegacyFrames {
  /** Being served, or read already: while there are any, no more are read. */
  private readonly waiting = new WeakMap<SocketConnection, LegacyFrame[]>();

  /** `endpoint` answers in `legacyFrameFormat`. */
  constructor(
    private readonly endpoint: Endpoint,
    private readonly methods: ReadonlyMap<string, Pick<DescribedMethod, 'params'>>,
    private readonly maxDepth: number,
  ) {}

  /** False: the frame is another. */
  take(bytes: Buffer, connection: SocketConnection): boolean {
    const frame = parse(bytes.toString(), this.maxDepth);
    if (!isLegacy(frame)) return false;
    const queue = this.waiting.get(connection) ?? [];
    queue.push(frame);
    if (queue.length > 1) return true;
    this.waiting.set(connection, queue);
    connection.pause();
    void this.serveAll(queue, connection);
    return true;
  }

  private async serveAll(queue: LegacyFrame[], connection: SocketConnection): Promise<void> {
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      await this.serve(next, connection);
      queue.shift();
    }
    connection.resume();
  }

  /** Resolves when it is answered. */
  private serve(frame: LegacyFrame, connection: SocketConnection): Promise<void> {
    return new Promise((answered) => {
      const params = paramsOf(frame, this.methods.get(frame.command)?.params);
      const call: Partial<RpcCall> = { jsonrpc: '2.0', method: frame.command, params, id: 0 };
      this.endpoint.serveAlone(call, new InOrder(connection, answered), new Source(''));
    });
  }
}

class InOrder implements Origin {
  readonly transport = 'websocket';

  constructor(
    private readonly connection: SocketConnection,
    private readonly answered: () => void,
  ) {}

  get peer(): Origin['peer'] {
    return this.connection.peer;
  }

  admit(call: IncomingCall): string | undefined {
    return this.connection.admit(call);
  }

  ended(call: IncomingCall): void {
    this.connection.ended(call);
  }

  controls(): void {}

  reply(text: string | undefined): void {
    this.connection.reply(text);
    this.answered();
  }
}

function isLegacy(frame: unknown): frame is LegacyFrame {
  const { command, jsonrpc } = (frame ?? {}) as { command?: unknown; jsonrpc?: unknown };
  return typeof command === 'string' && jsonrpc === undefined;
}

/** Positional ones take their names where there are named ones besides. What fits nowhere is no valid call. */
function paramsOf(
  { command_args: args, command_kwargs: kwargs }: LegacyFrame,
  names?: readonly string[],
): Params | undefined {
  const named = Object.keys(Object(kwargs) as object).length > 0;
  if (!named) return (args ?? []) as Params;
  if (!Array.isArray(args) || args.length === 0) return kwargs as Params;
  const taken = args.map((value, index) => [names?.[index] ?? `#${index + 1}`, value] as const);
  return { ...Object.fromEntries(taken), ...(kwargs as object) };
}
