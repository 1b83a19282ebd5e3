import { Chain, type Linked } from './chain.js';

interface Waiting<T> extends Linked<T> {
  /** Called with a slot in hand. */
  start(): void;
}

/** Bounds how much runs at once, and how much may wait for it: first in, first out. */
export class Bulkhead<T extends Waiting<T>> {
  running = 0;
  private readonly queue = new Chain<T>();
  private pumping = false;

  constructor(
    private maxConcurrent: number,
    private maxQueue: number,
  ) {}

  get limits(): { maxConcurrent: number; maxQueue: number } {
    return { maxConcurrent: this.maxConcurrent, maxQueue: this.maxQueue };
  }

  get queued(): number {
    return this.queue.size;
  }

  /** True: a slot is yours, until `release`. */
  take(): boolean {
    if (this.running >= this.maxConcurrent || this.queue.size > 0) return false;
    this.running++;
    return true;
  }

  hasRoom(): boolean {
    return this.queue.size < this.maxQueue;
  }

  enqueue(member: T): void {
    this.queue.push(member);
  }

  remove(member: T): void {
    this.queue.remove(member);
  }

  waiting(): T[] {
    return this.queue.toArray();
  }

  release(): void {
    this.running--;
    if (this.queue.size > 0) this.pump();
  }

  /** What runs above a lowered limit finishes; what waits above a lowered bound may wait on. */
  resize(maxConcurrent: number, maxQueue: number): void {
    this.maxConcurrent = maxConcurrent;
    this.maxQueue = maxQueue;
    this.pump();
  }

  /** A loop, not a recursion: a long queue of synchronous work must not grow the stack. */
  private pump(): void {
    if (this.pumping) return;
    this.pumping = true;
    try {
      while (this.running < this.maxConcurrent && this.queue.size > 0) {
        this.running++;
        this.queue.shift()!.start();
      }
    } finally {
      this.pumping = false;
    }
  }
}
