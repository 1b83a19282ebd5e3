import { describe, expect, it } from 'vitest';
import { Bulkhead } from './bulkhead.js';

class Guest {
  previous: Guest | null = null;
  next: Guest | null = null;

  constructor(readonly start: () => void) {}
}

describe('Bulkhead', () => {
  it('lets waiting members in first come, first served, and leaves out those that went away', () => {
    const bulkhead = new Bulkhead<Guest>(1, 3);
    const started: string[] = [];
    const [first, second, third] = ['first', 'second', 'third'].map((name) => new Guest(() => started.push(name)));
    expect(bulkhead.take()).toBe(true);
    for (const guest of [first!, second!, third!]) bulkhead.enqueue(guest);
    expect([bulkhead.take(), bulkhead.hasRoom(), bulkhead.queued]).toEqual([false, false, 3]);
    bulkhead.remove(second!);
    bulkhead.release();
    bulkhead.release();
    expect(started).toEqual(['first', 'third']);
    expect([bulkhead.running, bulkhead.queued]).toEqual([1, 0]);
  });

  it('goes on after a member that threw', () => {
    const bulkhead = new Bulkhead<Guest>(1, 3);
    const started: string[] = [];
    bulkhead.take();
    const throws = new Guest(() => {
      throw new Error('a bug of ours');
    });
    bulkhead.enqueue(throws);
    bulkhead.enqueue(new Guest(() => started.push('next')));
    expect(() => bulkhead.release()).toThrow('a bug of ours');
    bulkhead.release();
    expect(started).toEqual(['next']);
  });
});
