import { CallTimeoutError, TransportError, type GatewayError } from 'sallyport';
import { Pool, type Dispatcher } from 'undici';

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
      pool = new Pool(origin, { connect: { timeout: connectTimeoutMs }, pipelining: 1 });
      this.pools.set(key, pool);
    }
    return pool;
  }

  async close(): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.destroy()));
    this.pools.clear();
  }
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

/** Whether the connection went away, as an idle one may at the very moment it is used. */
export function isLost(error: Error): boolean {
  return LOST.has(codeOf(error));
}

/** A connection attempt to several addresses fails as an AggregateError without a code of its own on some systems. */
function codeOf(error: Error): string {
  const { code, errors } = error as { code?: string; errors?: { code?: string }[] };
  return code ?? errors?.[0]?.code ?? '';
}
