import {
  AccessDeniedError,
  BulkheadFullError,
  CallCancelledError,
  CallTimeoutError,
  CircuitOpenError,
  ConfigurationError,
  EmitError,
  HandlerNotFoundError,
  InvalidCallError,
  RemoteError,
  RouteNotFoundError,
  ServiceNotFoundError,
  ShuttingDownError,
  TransportError,
  WorkerCrashedError,
  type GatewayError,
  type GatewayErrorCode,
} from 'sallyport';

const cause = new Error('of the house');

/** One of each, with all that it has to say. */
export const errors = {
  INVALID_CALL: new InvalidCallError('bad', [{ path: 'a.b', message: 'is missing' }], { cause }),
  HANDLER_NOT_FOUND: new HandlerNotFoundError('no handler'),
  ROUTE_NOT_FOUND: new RouteNotFoundError('no route'),
  ACCESS_DENIED: new AccessDeniedError('denied'),
  SERVICE_NOT_FOUND: new ServiceNotFoundError('no service', 'billing'),
  BULKHEAD_FULL: new BulkheadFullError('full', 100),
  CIRCUIT_OPEN: new CircuitOpenError('open', 200),
  SHUTTING_DOWN: new ShuttingDownError('leaving'),
  CALL_TIMEOUT: new CallTimeoutError('late', 300),
  CALL_CANCELLED: new CallCancelledError('cancelled'),
  WORKER_CRASHED: new WorkerCrashedError('crashed'),
  TRANSPORT_FAILED: new TransportError('cut', 'amqp', 'nacked'),
  REMOTE_ERROR: new RemoteError('remote', 42, { some: 'data' }),
  EMIT_FAILED: new EmitError('not taken', { amqp: new Error('nacked') }, ['zeromq']),
  CONFIGURATION_INVALID: new ConfigurationError([{ path: 'a', message: 'is wrong' }]),
} satisfies Record<GatewayErrorCode, GatewayError>;
