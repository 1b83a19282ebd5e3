import { opossum } from './opossum.js';
import { contend } from './scenarios.js';

export const contender = contend(opossum({ timeout: false, snapshots: true }));
