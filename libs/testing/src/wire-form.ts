import { GatewayError, isGatewayError, RemoteError, type Outcome } from 'sallyport';

/** What crosses instead of an outcome. */
export type WireReply =
  | { readonly result?: unknown }
  | { readonly error: { readonly code: unknown; readonly message: unknown; readonly data?: unknown } };

/** A value as the other side of a wire sees it. @throws TypeError for what JSON has no form for */
export function acrossTheWire(value: unknown): unknown {
  if (value === undefined) return undefined;
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError(`a ${typeof value} has no JSON form`);
  return JSON.parse(text);
}

/** The reply to a call; a result that cannot cross is an error, and never no reply. */
export function replyOf(outcome: Outcome): WireReply {
  if (!outcome.ok) return { error: errorForm(outcome.error) };
  try {
    return { result: acrossTheWire(outcome.value) };
  } catch (error) {
    const message = `the result cannot be serialised: ${(error as Error).message}`;
    return { error: new RemoteError(message, 'UNSERIALISABLE').toJSON() };
  }
}

/** What the caller makes of it. @throws what the other side says went wrong */
export function resultOf(reply: WireReply): unknown {
  if ('error' in reply) throw GatewayError.fromJSON(reply.error);
  return reply.result;
}

function errorForm(error: unknown): { code: unknown; message: unknown; data?: unknown } {
  const form = isGatewayError(error) ? serialised(error) : foreign(error).toJSON();
  try {
    return acrossTheWire(form) as typeof form;
  } catch {
    return { code: form.code, message: form.message };
  }
}

/** It may have lost its prototype on another wire. */
function serialised(error: GatewayError): ReturnType<GatewayError['toJSON']> {
  return typeof error.toJSON === 'function' ? error.toJSON() : { code: error.code, message: error.message };
}

/** The handler's own: of one that was made for callers (`RpcException`, what its filters make of it) all, else its message. */
function foreign(error: unknown): RemoteError {
  if (!(error instanceof Error)) {
    const { message = error, status = 'ERROR' } = Object(error) as { message?: unknown; status?: string | number };
    return new RemoteError(String(message), status, error);
  }
  const { getError, name, message } = error as Error & { getError?: () => unknown };
  return new RemoteError(message, name, getError?.call(error));
}
