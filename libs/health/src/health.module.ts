import { Module, type DynamicModule } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { EventLoopHealthIndicator } from './event-loop.health.js';
import { HealthController } from './health.controller.js';
import { HEALTH_OPTIONS, resolveHealthOptions, type HealthOptions } from './health.options.js';
import { PhaseHealthIndicator } from './phase.health.js';
import { PoolHealthIndicator } from './pool.health.js';
import { Probes } from './probes.js';
import { TransportHealthIndicator } from './transport.health.js';

const INDICATORS = [PoolHealthIndicator, TransportHealthIndicator, EventLoopHealthIndicator];

/**
 * The probes of an app with a gateway: `GET /health`, `/health/live`, `/health/ready` and `/health/startup`. Its
 * indicators can be injected where it is imported, for a health check of one's own.
 *
 * @example
 * ```ts
 * @Module({ imports: [GatewayModule.forRoot(), HealthModule.forRoot({ details: true })] })
 * class AppModule {}
 * ```
 */
@Module({})
export class HealthModule {
  /** @throws ConfigurationError at bootstrap, for bad options and in an app without GatewayModule */
  static forRoot(options: HealthOptions = {}): DynamicModule {
    return {
      module: HealthModule,
      // Probes come every few seconds: terminus is not to write a line for each that says no.
      imports: [TerminusModule.forRoot({ logger: false })],
      // Read when Nest scans: bad options fail the bootstrap, not the import of the file they are in.
      get controllers() {
        return [HealthController.at(resolveHealthOptions(options).path)];
      },
      providers: [
        { provide: HEALTH_OPTIONS, useFactory: () => resolveHealthOptions(options) },
        PhaseHealthIndicator,
        Probes,
        ...INDICATORS,
      ],
      exports: INDICATORS,
    };
  }
}
