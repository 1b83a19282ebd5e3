const FIRST_MS = 100;
const MOST_MS = 32_000;

/** How long to wait before the next try: the first is at once, then twice as long each time, or up to half of that less. */
export class ReconnectBackoff {
  private tries = 0;

  nextMs(): number {
    const tries = this.tries++;
    return tries === 0 ? 0 : Math.min(FIRST_MS * 2 ** (tries - 1), MOST_MS) * (1 + Math.random()) * 0.5;
  }

  /** The other end is there: should it go away, it is looked for soon, but not at once with everybody else. */
  reset(): void {
    this.tries = 1;
  }
}
