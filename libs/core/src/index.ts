export { CallContext, currentCall } from './call.js';
export type { CallOptions, Outcome, TransportName } from './call.js';
export type { Clock } from './clock.js';
export type { CommandArgs, CommandClass, CommandHandler, CommandResult } from './commands/command.definition.js';
export { Command } from './commands/command.decorator.js';
export type { FallbackGiven, FallbackNamed } from './commands/command.decorator.js';
export type { CommandOptions } from './commands/command.options.js';
export { Commands } from './commands/commands.js';
export { InjectCommand } from './commands/inject-command.js';
export type { BoundCommand } from './commands/inject-command.js';
export type { QueuedCommand } from './commands/queued-command.js';
export {
  AccessDeniedError,
  BulkheadFullError,
  CallCancelledError,
  CallRejectedError,
  CallTimeoutError,
  CircuitOpenError,
  ConfigurationError,
  EmitError,
  GatewayError,
  HandlerNotFoundError,
  InvalidCallError,
  RemoteError,
  RouteNotFoundError,
  ServiceNotFoundError,
  ShuttingDownError,
  TransportError,
  WorkerCrashedError,
  isGatewayError,
} from './errors.js';
export type { GatewayErrorCode } from './errors.js';
export { GatewayModule } from './gateway.module.js';
export type { GatewayAsyncOptions, GatewayOptions } from './gateway.options.js';
export { GatewayLifecycle } from './lifecycle.js';
export type { LifecyclePhase } from './lifecycle.js';
export type { Pool, PoolPatch, PoolSnapshot } from './pools/bounded-pool.js';
export type { CircuitState } from './pools/breaker.js';
export type { CallCounts } from './pools/circuit.js';
export type { BreakerOptions, PoolOptions } from './pools/pool.options.js';
export { PoolRegistry } from './pools/pool.registry.js';
export type { Result, Unwrapped } from './pools/result.js';
export type { RetryOptions } from './pools/retry.js';
export { Telemetry } from './telemetry.js';
export type { CallEvent, TelemetryEvents } from './telemetry.js';
export type { GatewayTransport, TransportHealth } from './transport.js';
