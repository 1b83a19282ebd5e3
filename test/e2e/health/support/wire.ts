import type { GatewayTransport, TransportHealth } from 'sallyport';
import { deferred, type Deferred } from '../../../support/deferred.js';

/** A transport without a wire, which a test drives. */
export class Wire implements GatewayTransport {
  readonly kinds = [];
  /** Resolved once the lifecycle has asked for it. */
  readonly starting: Deferred = deferred();
  readonly stopping: Deferred = deferred();
  /** What the lifecycle waits for; at once, unless a test puts something else here. */
  opened: Promise<void> = Promise.resolve();
  told: () => TransportHealth = () => ({ status: 'up' });

  constructor(readonly name = 'memory') {}

  start(): Promise<void> {
    this.starting.resolve();
    return this.opened;
  }

  async stopIntake(): Promise<void> {
    this.stopping.resolve();
  }

  async close(): Promise<void> {}

  health(): TransportHealth {
    return this.told();
  }
}
