/** How often a message was tried, and what became of it. */
export interface AttemptRecord {
  /** Retries so far: 0 on the first run. */
  readonly count: number;
  /** When it was first tried. */
  readonly first: Date;
  /** When it failed last. */
  readonly last?: Date;
  /** What it failed of last. */
  readonly error?: { readonly type: string; readonly message: string };
}

export function firstAttempt(now: Date): AttemptRecord {
  return Object.freeze({ count: 0, first: now });
}

/** The same attempt, now that it has failed. */
export function failedAttempt(attempt: AttemptRecord, error: unknown, now: Date): AttemptRecord {
  return Object.freeze({ ...attempt, last: now, error: Object.freeze(described(error)) });
}

/** The one after it. */
export function nextAttempt(attempt: AttemptRecord): AttemptRecord {
  return Object.freeze({ ...attempt, count: attempt.count + 1 });
}

/** Few classes of errors set their name; the class says more than `Error`. */
function described(error: unknown): { type: string; message: string } {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  return { type: error.name === 'Error' ? error.constructor.name : error.name, message: error.message };
}
