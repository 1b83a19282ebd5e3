import { type Context, ServiceBroker } from 'moleculer';
import { contend } from './scenarios.js';
import { target } from './target.js';

export const contender = contend(async () => {
  const broker = new ServiceBroker({ logger: false, internalServices: false, skipProcessEventRegistration: true });
  broker.createService({
    name: 'bench',
    actions: { run: ({ params }: Context<{ value: number }>) => target.run(params.value) },
  });
  await broker.start();
  return {
    call: (value) => broker.call<number, { value: number }>('bench.run', { value }),
    close: () => broker.stop(),
  };
});
