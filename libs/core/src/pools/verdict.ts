import { isGatewayError, isLocalFailure } from '../errors.js';

/** What an error that came out of a target says about it. */
export type Verdict = 'failed' | 'answered' | 'refused' | 'cancelled';

/**
 * The user's `isFailure` has the word where it is given. Without one everything is a failure of the target, but for
 * what was refused or cancelled in this process further in: that target was never asked.
 */
export function verdictOn(error: unknown, isFailure: ((error: Error) => boolean) | undefined): Verdict {
  if (isFailure !== undefined) return saysFailure(isFailure, error) ? 'failed' : 'answered';
  if (isLocalFailure(error)) return 'failed';
  return isGatewayError(error, 'CALL_CANCELLED') ? 'cancelled' : 'refused';
}

/** A classifier that throws has not said that all is well. */
function saysFailure(isFailure: (error: Error) => boolean, error: unknown): boolean {
  try {
    return isFailure(error as Error);
  } catch {
    return true;
  }
}
