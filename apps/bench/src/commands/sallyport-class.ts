import { Command, type CommandHandler, Commands } from 'sallyport';
import { GROUP, sallyport } from './sallyport.js';
import { contend } from './scenarios.js';
import { FALLBACK, target } from './target.js';

@Command({ group: GROUP })
class GetNumber implements CommandHandler<[value: number], number> {
  run(value: number): Promise<number> {
    return target.run(value);
  }

  fallback(): number {
    return FALLBACK;
  }
}

export const contender = contend(
  sallyport(GetNumber, (get) => {
    const commands = get(Commands);
    return (value) => commands.execute(GetNumber, value);
  }),
);
