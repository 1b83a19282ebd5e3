import { Pool } from 'undici';
import { HttpExchange } from './http-exchange.js';
import type { Outgoing, Sent, Wire } from './wire.js';

/** A reply that is larger than that has no end. */
export const MAX_REPLY_BYTES = 67_108_864;

/** Calls as POST requests on keep-alive connections; there are never more of them than calls under way. */
export class HttpWire implements Wire {
  readonly driver: Pool;
  private readonly origin: string;
  private readonly path: string;
  private readonly headers: readonly string[];

  /** `credentials`: name and value of a header in turn. */
  constructor(url: URL, credentials: readonly string[]) {
    this.origin = url.origin;
    this.path = `${url.pathname}${url.search}`;
    this.headers = ['content-type', 'application/json', ...credentials];
    // Deadlines are those of the calls.
    const noneOfItsOwn = { headersTimeout: 0, bodyTimeout: 0 };
    this.driver = new Pool(url.origin, { pipelining: 1, maxResponseSize: MAX_REPLY_BYTES, ...noneOfItsOwn });
  }

  async connect(): Promise<void> {}

  send(outgoing: Outgoing): Sent {
    const exchange = new HttpExchange(outgoing, this.origin);
    const headers = [...this.headers];
    for (const name in outgoing.headers) {
      const value = outgoing.headers[name]!;
      if (canBeSent(name, value)) headers.push(name, value);
    }
    this.driver.dispatch({ method: 'POST', path: this.path, headers, body: outgoing.text(false) }, exchange);
    return exchange;
  }

  async close(): Promise<void> {
    await this.driver.destroy();
  }
}

const TOKEN = /^[!#$%&'*+.^_`|~\da-z-]+$/;
const TEXT = /^[\t\x20-\x7e\x80-\xff]*$/;
/** What frames the message is not for applications to say. */
const FRAMING =
  /^(host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|content-.*|sallyport-context)$/;

/** What came in over another wire may have no form in HTTP. */
function canBeSent(name: string, value: string): boolean {
  return TOKEN.test(name) && TEXT.test(value) && !FRAMING.test(name);
}
