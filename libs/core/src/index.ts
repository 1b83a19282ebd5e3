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
export { Events } from './events/events.js';
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
export { http } from './http/http.entrypoint.js';
export { GatewayLifecycle } from './lifecycle.js';
export type { LifecyclePhase } from './lifecycle.js';
export { GatewayPlugin } from './plugins/gateway-plugin.js';
export { Plugins } from './plugins/plugins.js';
export type { Pool, PoolPatch, PoolSnapshot } from './pools/bounded-pool.js';
export type { CircuitState } from './pools/breaker.js';
export type { CallCounts } from './pools/circuit.js';
export type { BreakerOptions, PoolOptions } from './pools/pool.options.js';
export { PoolRegistry } from './pools/pool.registry.js';
export type { Result, Unwrapped } from './pools/result.js';
export type { RetryOptions } from './pools/retry.js';
export { Attempt } from './repeats/attempt.decorator.js';
export type { AttemptRecord } from './repeats/attempt.js';
export { backoff, constant, exponential, linear } from './repeats/backoff.js';
export type { Backoff, BackoffOptions } from './repeats/backoff.js';
export type { Entrypoint } from './routes/entrypoint.js';
export { EventHandler } from './routes/event-handler.decorator.js';
export { ExposedMethod, ExposedNamespace } from './routes/exposed-method.decorator.js';
export { Route } from './routes/route.decorator.js';
export type { EventHandlerOptions, ExposedMethodOptions, RouteOptions } from './routes/route.options.js';
export { RouteTable } from './routes/route.table.js';
export type { MessageTranslator } from './pipeline/translators.js';
export { Telemetry } from './telemetry.js';
export type { CallEvent, TelemetryEvents } from './telemetry.js';
export { cron, every } from './timers/timer.entrypoint.js';
export type {
  GatewayTransport,
  IncomingContext,
  Remote,
  RemoteCaller,
  RouteDescription,
  TransportHealth,
  TransportHost,
} from './transport.js';
