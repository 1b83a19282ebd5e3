/** What child processes measure, made afresh for every round. */
export interface Contender {
  /** Undefined where the contender has no such thing; its cell in the table stays empty. */
  prepare(scenario: string): Promise<Prepared | undefined>;
}

export interface Prepared {
  readonly call: (value: number) => Promise<unknown>;
  readonly close: () => void | Promise<void>;
  readonly pace: Pace;
}

export interface Pace {
  /** Calls between two looks at the clock and two turns of the event loop. */
  readonly batch: number;
  /** Before the clock starts: what is made lazily, and whatever takes time to fill. */
  readonly settle: Stretch;
  /** Where later calls cost more than earlier ones: how many are measured before the contender is made anew. */
  readonly fresh?: { readonly calls: number; readonly times: number };
}

/** Lasts until one of the two is reached. */
export interface Stretch {
  readonly calls?: number;
  readonly ms?: number;
}

export type Measure = 'time' | 'bytes';

export interface Ask {
  readonly measure: Measure;
  readonly budgetMs: number;
}

export interface Answer {
  readonly perCall?: number;
  readonly error?: string;
}
