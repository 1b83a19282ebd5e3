import type { Provider } from '@nestjs/common';
import type { TransportName } from './call.js';

/** Live state, told without I/O. */
export interface TransportHealth {
  status: 'up' | 'degraded' | 'down';
  [detail: string]: unknown;
}

/** A wire: started after the providers, drained and closed before them. */
export interface GatewayTransport {
  readonly name: TransportName;
  /** What can be injected because of it. */
  readonly providers?: Provider[];
  /** Ready for traffic when it resolves. */
  start(): Promise<void>;
  /** Nothing new is accepted from then on. */
  stopIntake(): Promise<void>;
  /** What was settled is flushed. */
  close(): Promise<void>;
  health(): TransportHealth;
}
