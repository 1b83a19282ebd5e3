import {
  Controller,
  Get,
  Header,
  Inject,
  Res,
  ServiceUnavailableException,
  VERSION_NEUTRAL,
  applyDecorators,
  type Type,
} from '@nestjs/common';
import {
  HealthCheckService,
  type HealthCheckResult,
  type HealthCheckStatus,
  type HealthIndicatorFunction,
} from '@nestjs/terminus';
import { HEALTH_OPTIONS, type ResolvedHealthOptions } from './health.options.js';
import { PhaseHealthIndicator } from './phase.health.js';
import { Probes } from './probes.js';

/** What a response of Express and a reply of Fastify have in common. */
interface Answering {
  status(code: number): unknown;
}

type Answer = { status: HealthCheckStatus } & Partial<HealthCheckResult>;

const Probe = (path?: string): MethodDecorator => applyDecorators(Get(path), Header('Cache-Control', 'no-store'));

/** The probes over HTTP: 200 or 503, and a body that says no more than `details` allows. */
export class HealthController {
  constructor(
    @Inject(HEALTH_OPTIONS) private readonly options: ResolvedHealthOptions,
    @Inject(HealthCheckService) private readonly checks: HealthCheckService,
    @Inject(Probes) private readonly probes: Probes,
    @Inject(PhaseHealthIndicator) private readonly phase: PhaseHealthIndicator,
  ) {}

  /** A class of its own for each path: two apps in one process may differ, and an app may have two. */
  static at(path: string): Type<HealthController> {
    @Controller({ path, version: VERSION_NEUTRAL })
    class MountedHealthController extends HealthController {}
    return MountedHealthController;
  }

  @Probe()
  everything(@Res({ passthrough: true }) response: Answering): Promise<Answer> {
    return this.answer(response, this.probes.everything());
  }

  @Probe('live')
  live(@Res({ passthrough: true }) response: Answering): Promise<Answer> {
    return this.answer(response, this.probes.live());
  }

  @Probe('ready')
  ready(@Res({ passthrough: true }) response: Answering): Promise<Answer> {
    return this.answer(response, this.probes.ready());
  }

  @Probe('startup')
  startup(@Res({ passthrough: true }) response: Answering): Promise<Answer> {
    return this.answer(response, this.probes.startup());
  }

  /** A 503 is an answer, not an exception: the app's filters, which may log or rewrite it, do not get it. */
  private async answer(response: Answering, indicators: HealthIndicatorFunction[]): Promise<Answer> {
    const result = await this.resultOf(indicators);
    const healthy = result.status === 'ok' || result.status === 'degraded';
    const status = !healthy && this.phase.isLeaving ? 'shutting_down' : result.status;
    response.status(healthy ? 200 : 503);
    return this.options.details ? { ...result, status } : { status };
  }

  private async resultOf(indicators: HealthIndicatorFunction[]): Promise<HealthCheckResult> {
    try {
      return await this.checks.check(indicators);
    } catch (error) {
      if (error instanceof ServiceUnavailableException) return error.getResponse() as HealthCheckResult;
      throw error;
    }
  }
}
