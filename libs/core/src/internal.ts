/** For the libs of this package: what wires and operators' tools share with the core. No promise is made to anybody else. */
export { callStorage, nextCallId, root } from './call.js';
export type { Arrival } from './call.js';
export { commandProblems } from './commands/command.options.js';
export { isLocalFailure } from './errors.js';
export type { ConfigurationProblem } from './errors.js';
export { GATEWAY_OPTIONS } from './gateway.options.js';
export type { ResolvedGatewayOptions } from './gateway.options.js';
export { HttpDrain } from './http-drain.js';
export { requireProvider } from './modules.js';
export * from './options.js';
export { Execution } from './pools/execution.js';
export { composeOperation } from './pools/operation.js';
export type { Operation, OperationOptions } from './pools/operation.js';
export { Pools } from './pools/pool.registry.js';
export { hookIntoApp } from './server/app-server.js';
export type { HttpFront } from './server/http-front.js';
export { HttpListener } from './server/http-listener.js';
