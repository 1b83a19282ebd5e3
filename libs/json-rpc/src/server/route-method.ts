import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Outcome, RouteDescription, TransportHost } from 'sallyport';
import type { MethodEntrypoint } from 'sallyport/internal';
import type { DescribedMethod } from '../discover/open-rpc.js';
import type { Params, RpcCall } from '../envelope/request.js';
import type { Contexts } from './contexts.js';
import type { IncomingCall } from './incoming-call.js';
import type { RpcMethod } from './rpc-method.js';

/** A method that a route of the app answers. */
export class RouteMethod implements RpcMethod, DescribedMethod {
  readonly name: string;
  readonly private: boolean;
  readonly params?: readonly string[];
  readonly schema?: StandardSchemaV1;

  constructor(
    private readonly host: TransportHost,
    readonly route: RouteDescription,
    private readonly contexts: Contexts,
  ) {
    const {
      name,
      private: isPrivate = false,
      params,
      schema,
    } = route.entrypoint.options as MethodEntrypoint['options'];
    this.name = name;
    this.private = isPrivate;
    this.params = params;
    this.schema = schema;
  }

  dispatch(params: Params | undefined, call: IncomingCall, message: RpcCall): Promise<Outcome> {
    return this.host.dispatch(this.route, params, this.contexts.of(call, message));
  }
}
