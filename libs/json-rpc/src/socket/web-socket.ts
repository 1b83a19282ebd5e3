import { ConfigurationError } from 'sallyport';

/** The package `ws`, which only WebSockets need. `path`: the option that asks for it. */
export async function loadWs(path: string): Promise<typeof import('ws')> {
  try {
    return await import('ws');
  } catch (cause) {
    throw new ConfigurationError([{ path, message: 'needs the package "ws": npm install ws' }], { cause });
  }
}

/** What both sides say they speak. */
export const SUBPROTOCOL = 'jsonrpc2';
/** Of a handshake's response: context headers are taken, in the member `sallyport` of a request object. */
export const CONTEXT_TAKEN = 'sallyport-context';
export const CANCEL = '$/cancelRequest';

/** RFC 6455 §7.4.1, and what IANA has added. */
export const GOING_AWAY = 1001;
export const UNSUPPORTED_DATA = 1003;
export const TRY_AGAIN_LATER = 1013;
