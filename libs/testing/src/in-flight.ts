/** What has begun and not ended, with a bound: first come, first served. */
export class InFlight {
  private readonly open = new Set<Promise<unknown>>();
  private readonly waiting: (() => void)[] = [];
  private taken = 0;

  constructor(private readonly most: number) {}

  get size(): number {
    return this.taken;
  }

  /** Begins `work`, which never rejects, once there is room; resolves when it has begun. */
  async begin<T>(work: () => Promise<T>): Promise<{ ended: Promise<T> }> {
    if (this.taken < this.most) this.taken++;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    const ended = work();
    this.open.add(ended);
    void ended.finally(() => this.leave(ended));
    return { ended };
  }

  /** Resolves when nothing is open. */
  async settled(): Promise<void> {
    while (this.open.size > 0) await Promise.all(this.open);
  }

  private leave(ended: Promise<unknown>): void {
    this.open.delete(ended);
    const next = this.waiting.shift();
    if (next === undefined) this.taken--;
    else next();
  }
}
