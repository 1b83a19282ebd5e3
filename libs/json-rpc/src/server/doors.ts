import type { Server } from 'node:http';
import type { HttpAdapterHost } from '@nestjs/core';
import { hookIntoApp, HttpListener } from 'sallyport/internal';
import type { ResolvedJsonRpcOptions } from '../json-rpc.options.js';
import { SocketServer } from '../socket/socket-server.js';
import { HttpEntrypoint } from './http-entrypoint.js';
import type { Reception } from './reception.js';

/** For a message to arrive, from its first byte on. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Where the doors are. */
export interface Site {
  /** Whose server it is where there is no `port`; undefined: nobody's. */
  readonly app: HttpAdapterHost | undefined;
  /** Whether context headers are taken. */
  readonly takesContext: boolean;
  /** What makes the transport, for messages. */
  readonly factory: string;
}

/** Where calls come in: a listener of our own or the server of the app, for HTTP, WebSockets, or both. */
export class Doors {
  private constructor(
    private readonly listener: HttpListener | undefined,
    private readonly sockets: SocketServer | undefined,
    private readonly reception: Reception,
  ) {}

  /** @throws ConfigurationError where they cannot be opened */
  static async open(options: ResolvedJsonRpcOptions, reception: Reception, site: Site): Promise<Doors> {
    const { takesContext, factory } = site;
    const sockets = options.webSocket
      ? await SocketServer.start(reception.takeFrame, { ...options, takesContext }, factory)
      : undefined;
    const front = new HttpEntrypoint(reception.endpoint, options, sockets);
    try {
      return new Doors(await standAt(front, options, site), sockets, reception);
    } catch (error) {
      sockets?.close();
      throw error;
    }
  }

  /** Of the listener of its own. */
  get port(): number | undefined {
    return this.listener?.port;
  }

  /** Undefined on the server of the app. */
  get server(): Server | undefined {
    return this.listener?.server;
  }

  /** How many WebSockets are open. */
  get openSockets(): number | undefined {
    return this.sockets?.size;
  }

  /** Resolves when the last reply is out; the server of the app is the app's to close. */
  async leave(): Promise<void> {
    this.reception.leave();
    await Promise.all([this.sockets?.leave(), this.listener?.stop()]);
  }

  /** Cuts what is still open. */
  async close(): Promise<void> {
    this.sockets?.close();
    await this.listener?.close();
  }
}

async function standAt(
  front: HttpEntrypoint,
  { port, host }: ResolvedJsonRpcOptions,
  { app, factory }: Site,
): Promise<HttpListener | undefined> {
  if (port === undefined) {
    hookIntoApp(app ?? ({} as HttpAdapterHost), front, factory);
    return undefined;
  }
  const listener = new HttpListener(front, factory, { requestTimeout: REQUEST_TIMEOUT_MS });
  await listener.listen(port, host);
  return listener;
}
