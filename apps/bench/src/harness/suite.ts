export interface SuiteOptions {
  /** Under 20 s: shows that everything runs, and the order of magnitude. */
  readonly quick: boolean;
  readonly progress: (text: string) => void;
}

/** Measures and returns the Markdown that `--write` puts into the README. */
export type Suite = (options: SuiteOptions) => Promise<string>;
