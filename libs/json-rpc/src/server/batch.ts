import type { Source } from '../envelope/id.js';
import { isNotification } from '../envelope/request.js';
import type { Members } from './members.js';
import type { Origin } from './origin.js';

/** Begins a member of a batch, and settles it in time. */
type Serve = (message: unknown, position: number, members: Members) => void;

/**
 * Many calls in one message, so many of them at a time. The reply has theirs in the order of the calls, and waits for
 * no notification.
 */
export class Batch implements Members {
  private readonly replies: string[] = [];
  private next = 0;
  private running = 0;
  private unanswered = 0;
  private starting = false;

  constructor(
    readonly origin: Origin,
    readonly source: Source,
    private readonly messages: readonly unknown[],
    private readonly concurrency: number,
  ) {
    for (const message of messages) if (!isNotification(message)) this.unanswered++;
  }

  start(serve: Serve): void {
    this.serve = serve;
    if (this.unanswered === 0) this.origin.reply(undefined);
    this.advance();
  }

  settled(position: number, reply: string | undefined): void {
    this.running--;
    if (reply !== undefined) {
      this.replies[position] = reply;
      if (--this.unanswered === 0) this.origin.reply(`[${this.replies.filter(isThere).join(',')}]`);
    }
    if (!this.starting) this.advance();
  }

  private serve: Serve = () => {};

  /** What settles at once comes back here, and must not start the next one on top of itself. */
  private advance(): void {
    this.starting = true;
    while (this.running < this.concurrency && this.next < this.messages.length) {
      const position = this.next++;
      this.running++;
      this.serve(this.messages[position], position, this);
    }
    this.starting = false;
  }
}

/** `filter` passes over the places of notifications. */
function isThere(): boolean {
  return true;
}
