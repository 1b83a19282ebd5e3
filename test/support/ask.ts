import { request, type Agent, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';

export interface Asked {
  method?: string;
  path?: string;
  /** As an object, or name and value in turn where order and repetition count. */
  headers?: Record<string, string | string[]> | string[];
  body?: string | Buffer | Readable;
  /** @default a connection of its own */
  agent?: Agent;
}

export interface Reply {
  readonly status: number;
  readonly reason: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: string[];
  readonly trailers: NodeJS.Dict<string>;
  readonly bytes: Buffer;
  /** Parsed where it is JSON, otherwise the text. */
  readonly body: any;
}

/** Sends the path as it is given and follows nothing; rejects where no whole response comes back. */
export async function ask(port: number, asked: Asked = {}): Promise<Reply> {
  const { body } = asked;
  const sent = open(port, { ...asked, headers: framed(asked) });
  if (body instanceof Readable) body.on('error', () => sent.destroy()).pipe(sent);
  else sent.end(body);
  return read(await response(sent));
}

/** A request whose body the test writes itself; gone with the test. */
export function open(port: number, { method = 'GET', path = '/', headers, agent }: Asked = {}): ClientRequest {
  const given = Array.isArray(headers) && !named(headers, 'host') ? [...headers, 'Host', `127.0.0.1:${port}`] : headers;
  const sent = request({ host: '127.0.0.1', port, method, path, headers: given, agent: agent ?? false });
  sent.on('error', () => {});
  onTestFinished(() => void sent.destroy());
  return sent;
}

/** The head of the response; its body is for the test to read. */
export function response(sent: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.once('response', resolve);
    sent.once('error', reject);
    sent.once('close', () => reject(new Error('closed without a response')));
  });
}

export async function read(message: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const { headers, rawHeaders, trailers } = message;
  const [status, reason] = [message.statusCode!, message.statusMessage!];
  return { status, reason, headers, rawHeaders, trailers, bytes, body: parsed(bytes.toString()) };
}

/** Every value of a header, in the order it came. */
export function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]!.toLowerCase() === name);
}

/** With the length of its body; left alone, node:http sends some methods without. */
function framed({ headers = {}, body }: Asked): Asked['headers'] {
  if (typeof body !== 'string' && !Buffer.isBuffer(body)) return headers;
  const length = String(Buffer.byteLength(body));
  if (!Array.isArray(headers)) return { 'content-length': length, ...headers };
  return named(headers, 'content-length') ? headers : [...headers, 'Content-Length', length];
}

function named(headers: readonly string[], name: string): boolean {
  return valuesOf(headers, name).length > 0;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
