import { CallTimeoutError, TransportError, type GatewayError } from 'sallyport';
import { buildConnector, Pool, type Dispatcher } from 'undici';

/**
 * The keep-alive connections to every upstream. There are never more than requests under way, and so no more than
 * the slots of the pools they run in; origins are those that options and hooks may name.
 */
export class Upstreams {
  private readonly pools = new Map<string, Pool>();

  to(origin: string, connectTimeoutMs: number): Dispatcher {
    const key = `${origin} ${connectTimeoutMs}`;
    let pool = this.pools.get(key);
    if (pool === undefined) {
      pool = new Pool(origin, { connect: connector(connectTimeoutMs), pipelining: 1 });
      this.pools.set(key, pool);
    }
    return pool;
  }

  async close(): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.destroy()));
    this.pools.clear();
  }
}

/** Connects, and has the error of a connection say whether it had been in use before. */
function connector(timeout: number): buildConnector.connector {
  const connect = buildConnector({ timeout });
  return (options, callback) =>
    connect(options, (...result) => {
      const [, socket] = result;
      socket?.on('error', (error: ConnectionError) => (error.socket ??= { bytesRead: socket.bytesRead }));
      callback(...result);
    });
}

/** With what undici adds to its own errors, and we to those of sockets. */
interface ConnectionError extends Error {
  code?: string;
  errors?: { code?: string }[];
  socket?: { bytesRead?: number } | null;
}

const TIMEOUTS = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);
const UNREACHED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EACCES']);
const LOST = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE', 'ECONNABORTED']);

/** What undici, or the network below it, says went wrong. */
export function fromUpstream(error: Error, route: string, timeoutMs: number): GatewayError {
  const code = codeOf(error);
  const options = { cause: error };
  if (TIMEOUTS.has(code)) return new CallTimeoutError(`the upstream of "${route}" took too long`, timeoutMs, options);
  const reason = UNREACHED.has(code) ? 'unroutable' : LOST.has(code) ? 'disconnected' : 'protocol';
  return new TransportError(`the upstream of "${route}": ${error.message || code}`, 'http', reason, options);
}

/** Whether a connection that had been in use before went away, as an idle one may at the very moment it is used. */
export function wasIdle(error: ConnectionError): boolean {
  return LOST.has(codeOf(error)) && (error.socket?.bytesRead ?? 0) > 0;
}

/** A connection attempt to several addresses fails as an AggregateError without a code of its own on some systems. */
export function codeOf({ code, errors }: ConnectionError): string {
  return code ?? errors?.[0]?.code ?? '';
}
