import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { CallContext } from 'sallyport';
import { IncomingCall, type RpcRequestInfo } from './server/incoming-call.js';

/** Injects the `RpcRequestInfo` of the call; undefined where it came in over another wire. */
export const RpcRequest: () => ParameterDecorator = createParamDecorator(
  (_data: unknown, context: ExecutionContext): RpcRequestInfo | undefined => {
    const { raw } = context.switchToRpc().getContext<Partial<CallContext> | undefined>() ?? {};
    return raw instanceof IncomingCall ? raw : undefined;
  },
);
