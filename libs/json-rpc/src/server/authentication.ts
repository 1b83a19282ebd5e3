import { Logger } from '@nestjs/common';
import type { RpcRequestInfo } from './incoming-call.js';
import type { Authenticator } from './authenticator.js';

/** Whether a caller may call private methods: any authenticator that accepts is enough, one that throws does not. */
export class Authentication {
  private readonly logger = new Logger('JsonRpc');

  constructor(private readonly authenticators: readonly (Authenticator & { readonly header?: string })[]) {}

  /** Those that carry credentials, as far as that is known. */
  get headers(): string[] {
    return this.authenticators.flatMap(({ header }) => header ?? []);
  }

  async accepts(request: RpcRequestInfo): Promise<boolean> {
    for (const authenticator of this.authenticators) {
      try {
        const answer: unknown = await authenticator.authenticate(request);
        if (answer === true) return true;
      } catch (error) {
        this.logger.error(
          `${authenticator.constructor.name} could not authenticate a call of ${request.method}`,
          error,
        );
      }
    }
    return false;
  }
}
