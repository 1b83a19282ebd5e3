import { onlyBare } from './contend.js';
import { answer } from './message.js';

export const contender = onlyBare(async () => ({ dispatch: answer, close: () => {} }));
