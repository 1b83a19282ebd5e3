import type { Outcome } from 'sallyport';
import type { Params, RpcCall } from '../envelope/request.js';
import type { IncomingCall } from './incoming-call.js';

/** What answers to a name. */
export interface RpcMethod {
  /** True: only for whom an authenticator accepts. */
  readonly private: boolean;
  /** Never rejects. `message` is the request object that asked for it. */
  dispatch(params: Params | undefined, call: IncomingCall, message: RpcCall): Promise<Outcome>;
}

/** By name: what an object inherits is never a method. */
export type MethodTable = ReadonlyMap<string, RpcMethod>;
