import { ConfigurationError } from 'sallyport';

/** What GatewayModule provides. Injected as optional, so that its absence is one sentence of ours. */
export function fromGateway<T>(provided: T | undefined): T {
  if (provided !== undefined) return provided;
  const message = 'there is no GatewayModule in this app to look at: import GatewayModule.forRoot() in its root module';
  throw new ConfigurationError([{ path: 'health', message }]);
}
