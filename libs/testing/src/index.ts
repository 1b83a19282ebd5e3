export { ManualClock } from './manual-clock.js';
export { faults } from './faults.js';
export { inMemory } from './in-memory.js';
export { waitForCall } from './wait-for-call.js';
