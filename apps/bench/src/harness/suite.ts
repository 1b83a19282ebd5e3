export interface SuiteOptions {
  /** Under 40 s: shows that everything runs, and the order of magnitude. */
  readonly quick: boolean;
  readonly progress: (text: string) => void;
  /** Aborted when the run is to end: the suite stops what it started and rejects. */
  readonly signal: AbortSignal;
}

/** Measures and returns the Markdown that `--write` puts into the README. */
export type Suite = (options: SuiteOptions) => Promise<string>;
