import { contend } from './scenarios.js';
import { target } from './target.js';

export const contender = contend(async () => ({ call: (value) => target.run(value), close: () => {} }));
