import { request, type Agent, type ClientRequest, type IncomingHttpHeaders } from 'node:http';
import { onTestFinished } from 'vitest';

export interface Posted {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly agent?: Agent;
}

export interface Response {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Parsed where it is JSON. */
  readonly body: any;
}

/** Sends bytes as they are; an object goes as JSON. */
export async function post(port: number, body: unknown, posted: Posted = {}): Promise<Response> {
  const sent = open(port, posted);
  const bytes = typeof body === 'string' || Buffer.isBuffer(body) || body === undefined ? body : JSON.stringify(body);
  const response = responseTo(sent);
  sent.end(bytes);
  return response;
}

/** A request whose body the test writes itself; gone with the test. */
export function open(port: number, { path = '/api', method = 'POST', headers, agent }: Posted = {}): ClientRequest {
  const all = { 'content-type': 'application/json', ...headers };
  const sent = request({ host: '127.0.0.1', port, path, method, headers: all, agent: agent ?? false });
  onTestFinished(() => void sent.destroy());
  return sent.on('error', () => {});
}

export function responseTo(sent: ClientRequest): Promise<Response> {
  return new Promise((resolve, reject) => {
    sent.once('error', reject);
    sent.once('response', (message) => {
      const chunks: Buffer[] = [];
      message.on('data', (chunk: Buffer) => chunks.push(chunk));
      message.once('error', reject);
      message.once('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: message.statusCode!, headers: message.headers, text, body: parsed(text) });
      });
    });
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
