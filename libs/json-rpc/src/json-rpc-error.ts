import { RpcException } from '@nestjs/microservices';

/**
 * What a handler throws so that the caller gets exactly this: a whole number outside of -32768 to -32000, which JSON-RPC
 * keeps for itself, a sentence, and whatever `data` is as JSON. Controllers of Nest may throw it too.
 */
export class JsonRpcError extends RpcException {
  override readonly name = 'JsonRpcError';

  constructor(
    readonly code: number,
    message: string,
    readonly data?: unknown,
  ) {
    super({ code, message, data });
  }
}

/** Also of one that has lost its prototype on the way out of a worker, or comes from another copy of this package. */
export function isJsonRpcError(error: unknown): error is JsonRpcError {
  return error instanceof JsonRpcError || (error as Partial<JsonRpcError> | null | undefined)?.name === 'JsonRpcError';
}
