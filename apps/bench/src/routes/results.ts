import type { Samples } from '../harness/samples.js';
import type { StartUp } from './start-up/start-up.js';

/** All that one run of the suite found out. */
export interface Results {
  readonly nanoseconds: Samples;
  readonly allocated: Samples;
  readonly startUp: StartUp;
  /** Told above the tables. */
  readonly effort: string;
}
