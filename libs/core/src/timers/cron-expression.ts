import { Cron } from 'croner';

/**
 * Points in time, as a line of a crontab gives them: five fields, or six with the seconds in front. The only file that
 * knows croner, of which it uses no timer.
 *
 * Where clocks are changed, a fixed time that comes twice is taken once, and one that is left out comes at once after
 * the gap; an expression with `*` or `/` in its seconds, minutes or hours goes by what the clock on the wall shows.
 */
export class CronExpression {
  private readonly cron: Cron;

  /** @throws Error for what is no cron expression */
  constructor(expression: string, timeZone?: string) {
    this.cron = new Cron(expression, { mode: '5-or-6-parts', timezone: timeZone });
    if (this.cron.getPattern() === undefined) throw new Error('it is a date');
  }

  /** The first one after `time`, both in ms since the epoch; undefined: there is none. */
  next(time: number): number | undefined {
    return this.cron.nextRun(new Date(time))?.getTime();
  }
}

/** What is wrong with it, as the end of a sentence that starts with its place. */
export function cronProblem(expression: string, timeZone: string | undefined): string | undefined {
  try {
    const comes = new CronExpression(expression, timeZone).next(Date.now()) !== undefined;
    return comes ? undefined : `never comes: ${JSON.stringify(expression)}`;
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^Cron\w+: /, '') : String(error);
    return `is no cron expression: ${why}`;
  }
}
