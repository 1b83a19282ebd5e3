import { Injectable } from '@nestjs/common';
import { Command } from 'sallyport';
import { GROUP, sallyport } from './sallyport.js';
import { contend } from './scenarios.js';
import { FALLBACK, target } from './target.js';

@Injectable()
class Numbers {
  @Command({ group: GROUP, context: false, fallback: 'answer' })
  run(value: number): Promise<number> {
    return target.run(value);
  }

  answer(): number {
    return FALLBACK;
  }
}

export const contender = contend(
  sallyport(Numbers, (get) => {
    const numbers = get(Numbers);
    return (value) => numbers.run(value);
  }),
);
