import type { IncomingMessage } from 'node:http';
import type { BlockList, Socket } from 'node:net';
import { isHopByHop, namedIn, PSEUDONYM } from './hop-by-hop.js';

/** Put together anew for each hop. */
const FORWARDED = new Set(['via', 'forwarded', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host']);
const OURS = 'sallyport-';
/** RFC 7239 §6.2: a socket that has no address, or has none any more. */
const UNKNOWN = 'unknown';
const V4_IN_V6 = '::ffff:';
const TRAILERS = /(?:^|,)\s*trailers\s*(?:$|[,;])/i;

export interface Forwarding {
  readonly preserveHost: boolean;
  readonly trusted: BlockList | undefined;
}

/** What the upstream gets, name after value as in `rawHeaders`: order and repeats as they came, hop-by-hop ones gone. */
export function requestHeaders(request: IncomingMessage, { preserveHost, trusted }: Forwarding): string[] {
  const { rawHeaders, headers, socket } = request;
  const address = addressOf(socket);
  const believed = address !== UNKNOWN && trusted?.check(address, address.includes(':') ? 'ipv6' : 'ipv4') === true;
  const named = namedIn(headers.connection);
  const kept: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!.toLowerCase();
    if (isHopByHop(name) || FORWARDED.has(name) || named?.has(name)) continue;
    if (name === 'expect' || name === 'trailer' || (name === 'host' && !preserveHost)) continue;
    if (name.startsWith(OURS) && !believed) continue;
    kept.push(rawHeaders[index]!, rawHeaders[index + 1]!);
  }
  if (headers.te !== undefined && TRAILERS.test(String(headers.te))) kept.push('te', 'trailers');
  forwarded(kept, request, address, believed);
  return kept;
}

/** RFC 7239, and the older names for the same. */
function forwarded(
  kept: string[],
  { headers, socket, httpVersion }: IncomingMessage,
  address: string,
  believed: boolean,
): void {
  const proto = 'encrypted' in socket ? 'https' : 'http';
  const { host = '' } = headers;
  const node = address.includes(':') ? `"[${address}]"` : address;
  const hop = `for=${node};host="${host.replace(/["\\]/g, '')}";proto=${proto}`;
  const before = (name: string): string | undefined => (believed ? (headers[name] as string | undefined) : undefined);
  kept.push(
    'x-forwarded-for',
    appended(before('x-forwarded-for'), address),
    'x-forwarded-proto',
    appended(before('x-forwarded-proto'), proto),
    'x-forwarded-host',
    appended(before('x-forwarded-host'), host),
    'forwarded',
    appended(before('forwarded'), hop),
    'via',
    appended(headers.via, `${httpVersion} ${PSEUDONYM}`),
  );
}

function addressOf({ remoteAddress = UNKNOWN }: Socket): string {
  return remoteAddress.startsWith(V4_IN_V6) ? remoteAddress.slice(V4_IN_V6.length) : remoteAddress;
}

function appended(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before}, ${value}`;
}
