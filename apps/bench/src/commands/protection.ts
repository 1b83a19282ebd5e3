/** The same protection for everybody; the peers' own names for it stand in their files. */
export interface Protection {
  readonly slots: number;
  readonly timeoutMs: number;
  readonly windowMs: number;
  readonly failureRatio: number;
  /** Out of reach except where a scenario wants the circuit to open: a failing target would trip it. */
  readonly minimumCalls: number;
}

export interface Guarded {
  readonly call: (value: number) => Promise<unknown>;
  /** A success for the window alone, where a whole call takes long. */
  readonly sample?: (value: number) => Promise<unknown>;
  /** Opens the circuit for as long as the scenario runs. */
  readonly openCircuit?: () => void | Promise<void>;
  /** Refuses at once when its slots are taken, or `waiting` calls later. */
  readonly bulkhead?: { readonly waiting: number };
  /** Its failures cost more with every sample: measured few at a time, or a long round would tell against it. */
  readonly sortsItsWindow?: boolean;
  readonly close: () => void | Promise<void>;
}

export type Protect = (protection: Protection) => Promise<Guarded>;

export const PROTECTION: Protection = {
  slots: 10,
  timeoutMs: 10_000,
  windowMs: 10_000,
  failureRatio: 0.5,
  minimumCalls: 1_000_000_000,
};
