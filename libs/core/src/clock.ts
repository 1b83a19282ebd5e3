/** Time as the framework sees it; give `ManualClock` of `sallyport/testing` to move it by hand. */
export interface Clock {
  /** Milliseconds on a monotonic scale; `performance.now()` unless replaced. */
  now(): number;
  /** Runs `run` once `now()` has reached `deadline`; returns the way to call it off. */
  at(deadline: number, run: () => void): () => void;
}
