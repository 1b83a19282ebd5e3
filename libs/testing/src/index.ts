export { ManualClock } from './manual-clock.js';
export { faults } from './faults.js';
