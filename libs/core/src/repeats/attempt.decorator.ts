import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { CallContext } from '../call.js';
import { LiveCall } from '../pools/live-call.js';
import type { AttemptRecord } from './attempt.js';

/** How often the message was tried before, and what became of it: an `AttemptRecord`. */
export const Attempt: () => ParameterDecorator = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  attemptOf(context.switchToRpc().getContext<CallContext>()),
);

/** What the wire, or the backoff of this process, knows of the attempts before this one. */
export function attemptOf(call: CallContext): AttemptRecord {
  const known = call instanceof LiveCall ? call.attemptRecord : undefined;
  return known ?? Object.freeze({ count: call.attempt - 1, first: new Date() });
}
