import { ContextIdFactory } from '@nestjs/core';
import type { CallContext } from '../call.js';
import { moduleRefOf, type InstanceWrapper } from './enhancers.js';

/** What `@Inject(REQUEST)` gives where a call is served, as in a microservice. */
export class RequestContext {
  constructor(
    readonly pattern: string,
    readonly data: unknown,
    readonly context: CallContext,
  ) {}

  getPattern(): string {
    return this.pattern;
  }

  getData(): unknown {
    return this.data;
  }

  getContext(): CallContext {
    return this.context;
  }
}

/** Where the providers that live for one call are found; those of a durable tree are shared as their strategy says. */
export class RequestScope {
  private readonly contextId: ReturnType<typeof ContextIdFactory.create>;

  constructor(request: RequestContext, host: InstanceWrapper) {
    this.contextId = ContextIdFactory.getByRequest(request);
    const payload = this.contextId.payload as object | undefined;
    const value = host.isDependencyTreeDurable() ? payload : Object.assign(request, payload);
    moduleRefOf(host.host!).registerRequestByContextId(value, this.contextId);
  }

  /** In its own module, since the same class may be a provider of several. */
  load(wrapper: InstanceWrapper): Promise<unknown> {
    return moduleRefOf(wrapper.host!).resolve(wrapper.token as never, this.contextId, { strict: true });
  }
}
