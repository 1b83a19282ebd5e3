/** What every contender protects: an immediate async function, told by the scenario how to behave. */
export class Target {
  /** Runs so far: a refused call must not add to them. */
  runs = 0;
  private behaviour: 'answer' | 'throw' | 'hold' = 'answer';
  private release?: () => void;

  answers(): void {
    this.behaviour = 'answer';
  }

  throws(): void {
    this.behaviour = 'throw';
  }

  /** Runs from now on do not settle before `letGo`. */
  holds(): void {
    this.behaviour = 'hold';
  }

  letGo(): void {
    this.release?.();
    this.answers();
  }

  async run(value: number): Promise<number> {
    this.runs += 1;
    if (this.behaviour === 'throw') throw FAILURE;
    if (this.behaviour === 'hold') await new Promise<void>((resolve) => (this.release = resolve));
    return value;
  }
}

export const target = new Target();

/** Made once: capturing a stack costs more than any of the contenders. */
const FAILURE = new Error('the target failed');

export const FALLBACK = -1;
