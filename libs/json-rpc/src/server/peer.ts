import type { IncomingMessage } from 'node:http';

/** Who is at the other end, as the HTTP request says with which it began. */
export class Peer {
  private parsed: Readonly<Record<string, string>> | undefined;

  constructor(private readonly request: IncomingMessage) {}

  /** Node has joined repeated ones; `set-cookie`, which it would not join, is for responses. */
  get headers(): Readonly<Record<string, string>> {
    return this.request.headers as Record<string, string>;
  }

  get cookies(): Readonly<Record<string, string>> {
    return (this.parsed ??= parseCookies(this.request.headers.cookie));
  }

  get remoteAddress(): string {
    return this.request.socket.remoteAddress ?? '';
  }
}

/** RFC 6265 §5.4. Of equal names the first counts: it is the one of the narrower path. */
function parseCookies(header = ''): Readonly<Record<string, string>> {
  const cookies: Record<string, string> = Object.create(null);
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, at).trim();
    if (at > 0 && name !== '')
      cookies[name] ??= decoded(
        pair
          .slice(at + 1)
          .trim()
          .replace(/^"(.*)"$/, '$1'),
      );
  }
  return cookies;
}

function decoded(value: string): string {
  try {
    return value.includes('%') ? decodeURIComponent(value) : value;
  } catch {
    return value;
  }
}
