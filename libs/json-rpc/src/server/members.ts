import type { Source } from '../envelope/id.js';
import type { Origin } from './origin.js';

/** The members of one message: who sent them, how they were written, and who takes what each is answered with. */
export interface Members {
  readonly origin: Origin;
  readonly source: Source;
  /** Once for each; undefined: it is a notification. */
  settled(position: number, reply: string | undefined): void;
}

/** A message that is one call. */
export class Single implements Members {
  constructor(
    readonly origin: Origin,
    readonly source: Source,
  ) {}

  settled(_position: number, reply: string | undefined): void {
    this.origin.reply(reply);
  }
}
