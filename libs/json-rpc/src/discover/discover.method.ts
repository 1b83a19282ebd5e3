import type { Outcome } from 'sallyport';
import type { Params } from '../envelope/request.js';
import type { Authentication } from '../server/authentication.js';
import type { IncomingCall } from '../server/incoming-call.js';
import type { RpcMethod } from '../server/rpc-method.js';
import { openRpcDocument, type DescribedMethod, type OpenRpcDocument } from './open-rpc.js';

export const DISCOVER = 'rpc.discover';

/** Describes the methods to who may call them. */
export class DiscoverMethod implements RpcMethod {
  readonly private = false;
  private everything: OpenRpcDocument | undefined;

  constructor(
    private readonly service: string,
    private readonly methods: readonly (DescribedMethod & Pick<RpcMethod, 'private'>)[],
    private readonly authentication: Authentication,
  ) {}

  async dispatch(_params: Params | undefined, call: IncomingCall): Promise<Outcome<OpenRpcDocument>> {
    const allowed = await Promise.all(this.methods.map((method) => this.isFor(call, method)));
    if (allowed.includes(false)) {
      const visible = this.methods.filter((_, index) => allowed[index]);
      return { ok: true, value: openRpcDocument(this.service, visible) };
    }
    return { ok: true, value: (this.everything ??= openRpcDocument(this.service, this.methods)) };
  }

  private async isFor(call: IncomingCall, method: DescribedMethod & Pick<RpcMethod, 'private'>): Promise<boolean> {
    if (!method.private) return true;
    const { headers, cookies, remoteAddress } = call;
    return this.authentication.accepts({ method: method.name, headers, cookies, remoteAddress });
  }
}
