import { bytesPerCall } from './scale.js';
import type { Answer, Ask, Contender } from './contender.js';
import { timePerCall } from './stopwatch.js';

/** The process that one contender has to itself in one scenario; it answers one question at a time. */
const [moduleUrl = '', scenario = ''] = process.argv.slice(2);
const { contender } = (await import(moduleUrl)) as { contender: Contender };

process.on('message', (ask: Ask) => void answer(ask).then((reply) => process.send?.(reply)));
process.once('disconnect', () => process.exit());
process.send?.({});

async function answer({ measure, budgetMs }: Ask): Promise<Answer> {
  try {
    const perCall =
      measure === 'time' ? await timePerCall(contender, scenario, budgetMs) : await bytesPerCall(contender, scenario);
    return { perCall };
  } catch (error) {
    return { error: String(error) };
  }
}
