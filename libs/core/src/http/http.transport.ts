import type { AbstractHttpAdapter } from '@nestjs/core';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Outcome } from '../call.js';
import type { GatewayTransport, RouteDescription, TransportHealth, TransportHost } from '../transport.js';
import { errorAnswer, type HttpAnswer } from './http.errors.js';
import { HTTP_VERBS, type HttpVerb } from './http.entrypoint.js';

/** What Express and Fastify have in common. */
interface HttpRequest {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly headers: IncomingHttpHeaders;
}

type Handler = (request: HttpRequest, response: object) => void;

/** The app's own HTTP server as a transport: it listens and closes with the app, after every controller. */
export class HttpTransport implements GatewayTransport {
  readonly name = 'http';
  readonly kinds = HTTP_VERBS;

  /** Before Nest registers what answers 404, and before the server listens. */
  register(adapter: AbstractHttpAdapter, host: TransportHost): void {
    for (const route of host.routes) {
      const serve: Handler = (request, response) => void this.serve(adapter, host, route, { request, response });
      const verb = route.entrypoint.kind as HttpVerb;
      adapter[verb](route.entrypoint.options['path'] as string, serve as never);
    }
  }

  async start(): Promise<void> {}
  async stopIntake(): Promise<void> {}
  async close(): Promise<void> {}

  health(): TransportHealth {
    return { status: 'up' };
  }

  private async serve(
    adapter: AbstractHttpAdapter,
    host: TransportHost,
    route: RouteDescription,
    { request, response }: { request: HttpRequest; response: object },
  ): Promise<void> {
    const { params, query, body, headers } = request;
    const raw = 'raw' in response ? (response.raw as ServerResponse) : (response as ServerResponse);
    const gone = new AbortController();
    raw.once('close', () => raw.writableFinished || gone.abort(new Error('the client has gone')));
    const context = { ...host.contextOf(headers, 'outside'), raw: request, signal: gone.signal };
    const outcome = await host.dispatch(route, { params, query, body, headers }, context);
    if (raw.destroyed) return;
    const answer = answerOf(outcome, route.entrypoint.kind);
    for (const [name, value] of Object.entries(answer.headers ?? {})) adapter.setHeader(response, name, value);
    if (answer.body !== undefined) adapter.setHeader(response, 'Content-Type', 'application/json; charset=utf-8');
    adapter.reply(response, answer.body, answer.status);
  }
}

/** The status that Nest gives a controller's result. */
function answerOf(outcome: Outcome, verb: string): HttpAnswer {
  if (!outcome.ok) return errorAnswer(outcome.error);
  try {
    const body = JSON.stringify(outcome.value) as string | undefined;
    if (body === undefined) return { status: 204, body };
    return { status: verb === 'post' ? 201 : 200, body };
  } catch (error) {
    return errorAnswer(error);
  }
}
