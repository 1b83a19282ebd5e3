export { JsonRpcClient } from './client/json-rpc.client.js';
export type { JsonRpcClientOptions } from './client/json-rpc-client.options.js';
export { JsonRpcError } from './json-rpc-error.js';
export { jsonRpc, websocket } from './json-rpc.js';
export type { JsonRpcOptions } from './json-rpc.options.js';
export { RpcRequest } from './rpc-request.decorator.js';
export { bearer, cookieToken, headerToken } from './server/authenticator.js';
export type { Authenticator } from './server/authenticator.js';
export type { RpcRequestInfo } from './server/incoming-call.js';
