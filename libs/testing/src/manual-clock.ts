import type { Clock } from 'sallyport';

interface Alarm {
  deadline: number;
  run: () => void;
}

/**
 * A clock that stands still until it is told to move; `GatewayModule.forRoot({ clock })`. Timeouts, retries, windows
 * and circuits then all follow it, exactly.
 *
 * @example
 * ```ts
 * const clock = new ManualClock();
 * const call = sessions.currentUser('abc');      // timeoutMs: 1_000
 * await clock.advance(1_000);
 * await expect(call).rejects.toMatchObject({ code: 'CALL_TIMEOUT' });
 * ```
 */
export class ManualClock implements Clock {
  private time = 0;
  private readonly alarms = new Set<Alarm>();

  /** In ms since it was made. */
  now(): number {
    return this.time;
  }

  at(deadline: number, run: () => void): () => void {
    const alarm = { deadline, run };
    this.alarms.add(alarm);
    return () => void this.alarms.delete(alarm);
  }

  /**
   * Moves on by `ms`, from alarm to alarm in their order, and lets the promises that each one settled run on before
   * the next. Alarms at the same time go off in the order they were set.
   *
   * @throws RangeError for a negative or infinite `ms`
   */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0 && ms < Infinity)) throw new RangeError(`a clock cannot advance by ${ms} ms`);
    const until = this.time + ms;
    await settled();
    for (let alarm = this.next(until); alarm !== undefined; alarm = this.next(until)) {
      this.alarms.delete(alarm);
      this.time = Math.max(this.time, alarm.deadline);
      alarm.run();
      await settled();
    }
    this.time = until;
  }

  private next(until: number): Alarm | undefined {
    let next: Alarm | undefined;
    for (const alarm of this.alarms) {
      if (alarm.deadline <= until && (next === undefined || alarm.deadline < next.deadline)) next = alarm;
    }
    return next;
  }
}

/** Once every promise that could run on has done so. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
