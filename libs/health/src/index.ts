export { EventLoopHealthIndicator } from './event-loop.health.js';
export { HealthModule } from './health.module.js';
export { PoolHealthIndicator } from './pool.health.js';
export { TransportHealthIndicator } from './transport.health.js';
