import type { GatewayTransport, RouteDescription, TransportHealth, TransportHost } from 'sallyport';

/** A wire that carries nothing: whoever holds it dispatches to what it was given, as a real one does with a message. */
export class StraightWire implements GatewayTransport {
  readonly name = 'straight';
  readonly kinds = ['method'];
  private started: TransportHost | undefined;

  get host(): TransportHost {
    return this.started!;
  }

  get route(): RouteDescription {
    return this.host.routes[0]!;
  }

  async start(host: TransportHost): Promise<void> {
    this.started = host;
  }

  async stopIntake(): Promise<void> {}

  async close(): Promise<void> {}

  health(): TransportHealth {
    return { status: 'up' };
  }
}
