import type { Samples } from '../harness/samples.js';

export interface Measurements {
  /** Requests per second. */
  readonly rate: Samples;
  /** Seconds of CPU of the gateway alone for 10 000 requests. */
  readonly cpu: Samples;
}

/** All that one run of the suite found out. */
export interface Results extends Measurements {
  /** Told above the tables. */
  readonly effort: string;
}
