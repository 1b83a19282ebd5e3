import { describe, expect, it } from 'vitest';
import { InFlight } from './in-flight.js';

describe('InFlight', () => {
  it('begins no more than it may, and then in order', async () => {
    const open: (() => void)[] = [];
    const begun: number[] = [];
    const inFlight = new InFlight(2);
    const work = (number: number) => () => {
      begun.push(number);
      return new Promise<void>((resolve) => open.push(resolve));
    };
    const all = [1, 2, 3, 4].map((number) => inFlight.begin(work(number)));
    await Promise.all(all.slice(0, 2));
    expect(begun).toEqual([1, 2]);
    open.shift()!();
    await all[2];
    expect(begun).toEqual([1, 2, 3]);
    expect(inFlight.size).toBe(2);
    open.shift()!();
    await all[3];
    for (const end of open.splice(0)) end();
    await inFlight.settled();
    expect(begun).toEqual([1, 2, 3, 4]);
    expect(inFlight.size).toBe(0);
  });

  it('has settled where nothing was begun', async () => {
    await expect(new InFlight(1).settled()).resolves.toBeUndefined();
  });
});
