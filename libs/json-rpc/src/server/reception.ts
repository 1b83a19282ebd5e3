import { DISCOVER, DiscoverMethod } from '../discover/discover.method.js';
import type { DescribedMethod } from '../discover/open-rpc.js';
import { legacyFormat, strictFormat } from '../envelope/reply.js';
import type { ResolvedJsonRpcOptions } from '../json-rpc.options.js';
import { legacyFrameFormat, LegacyFrames } from '../socket/legacy-frames.js';
import type { SocketConnection } from '../socket/socket-connection.js';
import type { Authentication } from './authentication.js';
import { Endpoint } from './endpoint.js';
import type { RpcMethod } from './rpc-method.js';

/** What takes the messages that come in, put together for one service. */
export class Reception {
  readonly endpoint: Endpoint;
  private readonly legacyEndpoint: Endpoint | undefined;
  private readonly legacy: LegacyFrames | undefined;

  constructor(
    service: string,
    methods: ReadonlyMap<string, RpcMethod & DescribedMethod>,
    authentication: Authentication,
    options: ResolvedJsonRpcOptions & { readonly trusted: boolean },
  ) {
    const all = new Map<string, RpcMethod>(methods);
    if (options.discover) all.set(DISCOVER, new DiscoverMethod(service, [...methods.values()], authentication));
    const format = options.legacyEnvelope ? legacyFormat : strictFormat;
    this.endpoint = new Endpoint(all, authentication, format, options);
    if (!options.legacyFrames) return;
    this.legacyEndpoint = new Endpoint(methods, authentication, legacyFrameFormat, options);
    this.legacy = new LegacyFrames(this.legacyEndpoint, methods, options.maxDepth);
  }

  /** From now on calls are refused. */
  leave(): void {
    this.endpoint.leave();
    this.legacyEndpoint?.leave();
  }

  readonly takeFrame = (bytes: Buffer, connection: SocketConnection): void => {
    if (this.legacy?.take(bytes, connection) !== true) this.endpoint.receive(bytes, connection);
  };
}
