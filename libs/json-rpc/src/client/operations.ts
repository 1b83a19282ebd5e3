import { isGatewayError } from 'sallyport';
import { composeOperation, type Operation, type Pools } from 'sallyport/internal';
import type { JsonRpcClientOptions } from './json-rpc-client.options.js';

type BoundedPool = ReturnType<Pools['ensure']>;

/** What is known of a method before it is called. */
export interface RemoteMethod {
  /** Its name, as JSON. */
  readonly json: string;
  readonly once: Operation;
  /** With another attempt where the connection is lost. */
  readonly again: Operation;
  readonly idempotent: boolean;
}

/** Names come from code, but any string will do: what is over this shares one circuit. */
const MAX_METHODS = 1_000;
const OTHERS = '(other)';
const AGAIN = { attempts: 2, backoffMs: 100, when: isLost };

/** The commands of a client: each method has a circuit of its own, in the pool of the service. */
export class Operations {
  private readonly methods = new Map<string, RemoteMethod>();

  constructor(
    private readonly pool: BoundedPool,
    private readonly options: Pick<JsonRpcClientOptions, 'timeoutMs' | 'idempotent'>,
  ) {}

  of(method: string): RemoteMethod {
    const known = this.methods.get(method);
    if (known !== undefined) return known;
    const full = this.methods.size >= MAX_METHODS;
    const composed = this.compose(method, full ? OTHERS : method);
    if (!full) this.methods.set(method, composed);
    return composed;
  }

  private compose(method: string, key: string): RemoteMethod {
    const { timeoutMs, idempotent } = this.options;
    return {
      json: JSON.stringify(method),
      once: composeOperation(this.pool, key, { context: false, timeoutMs }),
      again: composeOperation(this.pool, key, { context: false, timeoutMs, retry: AGAIN }),
      idempotent: idempotent?.(method) ?? false,
    };
  }
}

/** The wire failed, not the other side. */
function isLost(error: Error): boolean {
  if (!isGatewayError(error, 'TRANSPORT_FAILED') || error.origin === 'remote') return false;
  const { reason } = error as { reason?: unknown };
  return reason === 'disconnected' || reason === 'unroutable';
}
