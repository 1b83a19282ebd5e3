import type { Clock } from '../clock.js';

/** How long is waited for targets that go on after their time: for each as long as a shutdown would wait. */
export class Patience {
  private readonly waits = new Set<() => void>();
  private ended = false;

  constructor(
    private readonly clock: Clock,
    private readonly ms: number,
  ) {}

  /** Resolves with `settled`, or once the patience is over. */
  wait(settled: Promise<void>): Promise<void> {
    if (this.ended) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        callOff();
        this.waits.delete(end);
        resolve();
      };
      const callOff = this.clock.at(this.clock.now() + this.ms, end);
      this.waits.add(end);
      void settled.then(end);
    });
  }

  /** From now on there is none, so that nothing keeps the process. */
  end(): void {
    this.ended = true;
    for (const end of this.waits) end();
  }
}
