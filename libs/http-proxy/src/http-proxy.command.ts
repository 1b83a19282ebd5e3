import type { CallContext } from 'sallyport';
import type { Readable } from 'node:stream';

/** A request on its way to the upstream, as a hook sees and may change it. */
export interface ProxyRequest {
  method: string;
  /** Of the upstream, after the rewrite, without the query. */
  path: string;
  query: URLSearchParams;
  /** Names in lower case; hop-by-hop headers are gone already. */
  headers: Record<string, string | string[]>;
  /** Where it goes: `path` and `query` on the upstream. Set its parts, or another URL, to go elsewhere on an allowed origin. */
  url: URL;
  /** The stream of the client, unread; null without a body. A Buffer or string gets its own Content-Length. */
  body: Readable | Buffer | string | null;
}

/** A response of the upstream, or one to give in its place. An object as `body` is sent as JSON. */
export interface ProxyResponse {
  statusCode: number;
  reason?: string;
  headers: Record<string, string | string[]>;
  body: Readable | Buffer | string | object | null;
}

/** What a route does with the requests it proxies. Hooks may change what they get, or return another. */
export abstract class HttpProxyCommand {
  /** Runs with the slot in hand, for each attempt, for a WebSocket's handshake too. A Nest HttpException is the answer. */
  beforeRequest?(request: ProxyRequest, context: CallContext): void | ProxyRequest | Promise<void | ProxyRequest>;
  /** Runs when the head of the response is there; what it throws makes the response a failure of the upstream. */
  afterResponse?(
    response: ProxyResponse,
    request: ProxyRequest,
    context: CallContext,
  ): void | ProxyResponse | Promise<void | ProxyResponse>;
  /** Answers failures, timeouts and refusals, as long as nothing has gone out to the client. */
  fallback?(error: Error, request: ProxyRequest): ProxyResponse | Promise<ProxyResponse>;
}
