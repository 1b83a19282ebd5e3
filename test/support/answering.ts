import { setTimeout as pause } from 'node:timers/promises';
import type { Child } from './child.js';

/** Resolves when `url` answers at all; rejects when `child` ends before. */
export async function answering(url: string, child: Child): Promise<void> {
  let ended = false;
  void child.exited.then(() => (ended = true));
  for (;;) {
    if (ended) throw new Error(`ended before it answered ${url}:\n${child.output()}`);
    const response = await fetch(url).catch(() => undefined);
    await response?.arrayBuffer();
    if (response !== undefined) return;
    await pause(20);
  }
}
