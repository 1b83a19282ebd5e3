import type { INestApplication } from '@nestjs/common';
import type { CallOptions, GatewayTransport } from 'sallyport';

/** How somebody outside of the app calls it over the wire. */
export interface Caller {
  call(method: string, params?: unknown[] | object, options?: CallOptions): Promise<unknown>;
  close(): Promise<void>;
}

/** What a wire has to give for the suite to try it. */
export interface WireUnderTest {
  /** New for each test. */
  readonly transport: GatewayTransport;
  /** To the app, once it listens. */
  connect(app: INestApplication): Promise<Caller>;
}
