import type { MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { HandlerNotFoundError, type Outcome } from 'sallyport';
import type { DescribedMethod } from '../discover/open-rpc.js';
import type { Params } from '../envelope/request.js';
import type { IncomingCall } from '../server/incoming-call.js';
import type { RpcMethod } from '../server/rpc-method.js';
import { StrategyCall } from './strategy-call.js';

/** What Nest wants to be told around each call; undefined: nothing. */
export type Around = ((context: StrategyCall, run: () => Promise<void>) => Promise<void>) | undefined;

/** A method that a controller of Nest answers, or an event that its controllers hear of. */
export class StrategyMethod implements RpcMethod, DescribedMethod {
  readonly private: boolean;

  constructor(
    readonly name: string,
    private readonly handler: MessageHandler,
    private readonly around: Around,
  ) {
    this.private = handler.extras?.['private'] === true;
  }

  async dispatch(params: Params | undefined, call: IncomingCall): Promise<Outcome> {
    const context = new StrategyCall(call);
    if (this.handler.isEventHandler === true && call.id !== undefined) {
      return { ok: false, error: new HandlerNotFoundError(`"${this.name}" is an event, which nobody answers`) };
    }
    if (this.around === undefined) return this.run(params, context);
    let outcome: Outcome | undefined;
    await this.around(context, async () => {
      outcome = await this.run(params, context);
    });
    return outcome!;
  }

  private async run(params: Params | undefined, context: StrategyCall): Promise<Outcome> {
    try {
      const result: unknown = await this.handler(params, context);
      if (!isObservable(result)) return { ok: true, value: result };
      return { ok: true, value: await lastValueFrom(result, { defaultValue: undefined }) };
    } catch (error) {
      return { ok: false, error: error as Error };
    }
  }
}
