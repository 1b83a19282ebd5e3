import { currentCall, root, type CallContext, type TransportName } from '../call.js';
import { passedOn } from '../context-headers.js';
import { EmitError, type ConfigurationProblem } from '../errors.js';
import { boolean, failOn, isPlainObject, problemsOf, show, type Shape } from '../options.js';

export interface EmitOptions {
  /** @default every transport of the app that can emit */
  transports?: TransportName[];
  /** AMQP: also rejects where no queue wants the event. @default false */
  mandatory?: boolean;
  /** Added to those of the current call; names are kept in lower case. */
  headers?: Record<string, string>;
}

/** An event on its way to a wire; the same object for every transport. */
export interface OutgoingEvent {
  /** The service that emits it. */
  readonly source: string;
  readonly name: string;
  readonly body: unknown;
  readonly mandatory: boolean;
  /** In lower case; what the context of the call and the application have to say. */
  readonly headers: Record<string, string>;
}

/** What a transport needs to carry events; one without `emit` carries none. */
export interface EmittingTransport {
  readonly name: TransportName;
  /** Resolves when it has taken responsibility for the event. */
  emit?(event: OutgoingEvent): Promise<void>;
}

const MAX_NAME_LENGTH = 200;
const shape: Shape = { transports: names, mandatory: boolean, headers: strings };

/**
 * Publishes what happened, through every transport that carries events.
 *
 * @example
 * ```ts
 * await this.events.emit('paid', { order: 7 });
 * ```
 */
export class Events {
  private readonly emitters: readonly EmittingTransport[];

  /** `service` may be missing where there is no transport. */
  constructor(
    private readonly service: string | undefined,
    private readonly transports: readonly EmittingTransport[],
  ) {
    this.emitters = transports.filter(({ emit }) => emit !== undefined);
  }

  /**
   * Resolves when every chosen transport has taken responsibility for the event. The trace, the id and the headers of
   * the current call go with it, but for credentials.
   *
   * @throws EmitError which names the transports that did not take it, and those that did
   * @throws ConfigurationError for a bad name or bad options, and where no transport of the app can emit
   */
  async emit(name: string, body: unknown, options: EmitOptions = {}): Promise<void> {
    failOn([...nameProblems(name), ...problemsOf(options, shape, 'emit options')]);
    const { transports, mandatory = false, headers: own } = options;
    const chosen = this.choose(transports);
    const headers = Object.freeze(headersOf(currentCall(), own));
    const event = Object.freeze({ source: this.service!, name, body, mandatory, headers });
    const results = await Promise.allSettled(chosen.map(async (transport) => transport.emit!(event)));
    failOnRefusals(name, chosen, results);
  }

  private choose(wanted: readonly TransportName[] | undefined): readonly EmittingTransport[] {
    if (wanted === undefined) {
      const message = `no transport of this app can emit (there are: ${listed(this.transports)})`;
      failOn(this.emitters.length === 0 ? [{ path: 'transports', message }] : []);
      return this.emitters;
    }
    failOn(wanted.flatMap((name) => this.problemOf(name)));
    return this.emitters.filter(({ name }) => wanted.includes(name));
  }

  private problemOf(name: TransportName): ConfigurationProblem[] {
    if (this.emitters.some((transport) => transport.name === name)) return [];
    const known = this.transports.some((transport) => transport.name === name);
    const why = known ? 'cannot emit' : 'is no transport of this app';
    const message = `${show(name)} ${why} (those that can emit: ${listed(this.emitters)})`;
    return [{ path: 'emit options.transports', message }];
  }
}

function failOnRefusals(
  name: string,
  chosen: readonly EmittingTransport[],
  results: readonly PromiseSettledResult<void>[],
): void {
  const failed: Record<string, Error> = {};
  const succeeded: string[] = [];
  for (const [index, result] of results.entries()) {
    const transport = chosen[index]!.name;
    if (result.status === 'rejected') failed[transport] = errorOf(result.reason);
    else succeeded.push(transport);
  }
  const reasons = Object.entries(failed).map(([transport, error]) => `${transport}: ${error.message}`);
  if (reasons.length === 0) return;
  const taken = succeeded.length === 0 ? 'by no transport' : `only by ${succeeded.join(', ')}`;
  throw new EmitError(`event "${name}" was taken ${taken} (${reasons.join('; ')})`, failed, succeeded);
}

function errorOf(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

/** Budget and attempt are those of the call, and end with it; its id and its trace go on. */
function headersOf(call: CallContext, own: Record<string, string> | undefined): Record<string, string> {
  const added = Object.entries(own ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const);
  const context = call === root ? {} : { 'sallyport-call-id': call.correlationId, ...traceOf(call) };
  return { ...passedOn(call.headers), ...context, ...Object.fromEntries(added) };
}

function traceOf({ traceparent }: CallContext): { traceparent?: string } {
  return traceparent === undefined ? {} : { traceparent };
}

function nameProblems(name: unknown): ConfigurationProblem[] {
  if (typeof name === 'string' && name.length <= MAX_NAME_LENGTH && /^\S+$/.test(name)) return [];
  const message = `must be a string of 1 to ${MAX_NAME_LENGTH} characters, none of them white space, got ${show(name)}`;
  return [{ path: 'event name', message }];
}

function names(value: unknown): string | undefined {
  const fine = Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string');
  return fine ? undefined : 'must be an array of at least one name of a transport';
}

function strings(value: unknown): string | undefined {
  const fine = isPlainObject(value) && Object.values(value).every((header) => typeof header === 'string');
  return fine ? undefined : 'must be an object of strings';
}

function listed(transports: readonly EmittingTransport[]): string {
  return transports.map(({ name }) => name).join(', ') || 'none';
}
