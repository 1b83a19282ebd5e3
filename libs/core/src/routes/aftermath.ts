import { HttpException, Logger } from '@nestjs/common';
import type { CallContext, Outcome } from '../call.js';
import type { IncomingCall } from '../dispatcher.js';
import { isGatewayError } from '../errors.js';
import type { Plugins } from '../plugins/plugins.js';
import type { CallWatch } from './call-watch.js';
import type { Route } from './route.js';

/** Who has to hear of a call once it is over. */
export class Aftermath {
  private readonly logger = new Logger('Routes');

  constructor(
    private readonly plugins: Plugins,
    private readonly watch: CallWatch,
  ) {}

  /** Made once, since every call is given it. */
  readonly over = (outcome: Outcome, call: CallContext, incoming: unknown): void => {
    const { route, payload } = incoming as IncomingCall;
    if (this.watch.watched) this.watch.tell(call, route, payload, outcome);
    if (outcome.ok) return;
    if (this.plugins.hearError(outcome.error)) void this.plugins.internalError(outcome.error, call);
    if (!route.repeats) this.log(route, outcome.error);
  };

  /** Nobody else would hear of it. */
  ofCallback({ handler, options }: Route, call: CallContext, error: Error): void {
    this.logger.error(
      `${options.callback}, the callback of ${handler}, failed`,
      error instanceof Error ? error.stack : error,
    );
    void this.plugins.internalError(error, call);
  }

  /** Once, and in full, since the caller of a method hears little of it, and of the rest there is none. */
  log({ handler, entrypoint, oneWay }: Route, error: unknown): void {
    // Timers have a log of their own, which knows when they were due.
    if (entrypoint.transport === 'timer' || (!oneWay && isAnswer(error))) return;
    this.logger.error(`${handler} failed`, error instanceof Error ? error.stack : error);
  }
}

/** Said to the caller on purpose: nothing is wrong with this process. */
function isAnswer(error: unknown): boolean {
  if (isGatewayError(error)) return true;
  if (error instanceof HttpException) return error.getStatus() < 500;
  return isRpcException(error);
}

/** As `RpcException` of Nest is, and what its filters make of one. */
function isRpcException(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  return !(error instanceof Error) || typeof (error as { getError?: unknown }).getError === 'function';
}
