import type { ProxyRequest, ProxyResponse } from '../http-proxy.command.js';
import { isAnswer, refusalOf } from '../http-proxy.errors.js';
import { give, refuse } from '../answer.js';
import { responseHeaders } from '../headers/response-headers.js';
import { Download } from './download.js';
import { Exchange } from './exchange.js';
import { closeAfter } from './last-reply.js';
import { outgoing } from './outgoing.js';
import { byName, proxyRequestOf, throughHooks } from './through-hooks.js';

/** Bodies that have none, whatever the headers say (RFC 9112 §6.3). */
const BODILESS = new Set([204, 304]);

/** An exchange with somebody in between, who may change what goes out and what comes back, or answer in its place. */
export class HookedExchange extends Exchange {
  private seen: ProxyRequest | undefined;
  private download: Download | undefined;

  override async run(): Promise<void> {
    const { route, request, target } = this.about;
    const plain = outgoing(route, request, target, this.upload);
    this.download = undefined;
    try {
      const [out, seen] = await throughHooks(route, plain, this.call);
      this.seen = seen;
      await this.send(out);
    } catch (error) {
      if (!isAnswer(error) || this.headOut) throw error;
      refuse(this.about.response, refusalOf(error));
    }
  }

  /** What the fallback of the command calls. */
  async fallBack(error: Error): Promise<void> {
    const { route, request, response, target } = this.about;
    if (this.headOut || response.headersSent) throw error;
    const seen = this.seen ?? proxyRequestOf(outgoing(route, request, target, this.upload));
    await give(response, await route.hooks!.fallback!(error, seen));
  }

  override onHeaders(status: number, raw: Buffer[], resume: () => void, reason: string): boolean {
    if (this.about.route.hooks?.afterResponse === undefined || status < 200) {
      return super.onHeaders(status, raw, resume, reason);
    }
    const bodiless = this.about.request.method === 'HEAD' || BODILESS.has(status);
    this.download = new Download(resume, () => this.abort(new Error('the body was left unread')));
    const headers = byName(responseHeaders(raw).headers);
    const response: ProxyResponse = { statusCode: status, reason, headers, body: bodiless ? null : this.download };
    this.passOn(response).then(
      () => this.done(),
      (error: Error) => this.hookFailed(error),
    );
    return true;
  }

  override onData(chunk: Buffer): boolean {
    return this.download === undefined ? super.onData(chunk) : this.download.push(chunk);
  }

  override onComplete(trailers: string[] | Buffer[] | null): void {
    if (this.download === undefined) super.onComplete(trailers);
    else this.download.push(null);
  }

  override onError(error: Error): void {
    if (this.download === undefined) super.onError(error);
    else this.download.destroy(this.named(error));
  }

  private async passOn(response: ProxyResponse): Promise<void> {
    const { route } = this.about;
    const { body } = response;
    const given = (await route.hooks!.afterResponse!(response, this.seen!, this.call)) ?? response;
    const untouched = given.body === body;
    if (!untouched) this.download?.destroy();
    this.call.liftDeadline();
    if (this.about.door.closing) closeAfter(this.about.response);
    this.headOut = true;
    const { socket } = this.about.response;
    socket?.setTimeout(this.silenceMs!);
    await give(this.about.response, given, untouched);
    socket?.setTimeout(0);
  }

  /** What a hook throws is passed on untouched, as what any handler throws. */
  private hookFailed(error: Error): void {
    this.download?.destroy();
    if (this.headOut) this.fail(error);
    else this.reject(error);
  }
}
