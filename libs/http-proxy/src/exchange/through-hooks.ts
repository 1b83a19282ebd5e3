import { ServiceNotFoundError, type CallContext } from 'sallyport';
import type { ProxyRequest } from '../http-proxy.command.js';
import type { ProxyRoute } from '../routing/proxy.route.js';
import { isHopByHop } from '../headers/hop-by-hop.js';
import type { Outgoing } from './outgoing.js';

/** The request as a hook sees it. */
export function proxyRequestOf({ method, origin, path, headers, body }: Outgoing): ProxyRequest {
  const url = new URL(origin + path);
  const query = new URLSearchParams(url.search);
  return { method, path: path.split('?', 1)[0]!, query, headers: byName(headers), url, body };
}

/** What goes out once `beforeRequest` has had its say. @throws ServiceNotFoundError for an origin that no option names */
export async function throughHooks(
  route: ProxyRoute,
  plain: Outgoing,
  call: CallContext,
): Promise<[Outgoing, ProxyRequest]> {
  const shown = proxyRequestOf(plain);
  const before = { href: shown.url.href, path: shown.path, query: shown.query.toString() };
  const given = (await route.hooks?.beforeRequest?.(shown, call)) ?? shown;
  const headers = { ...given.headers };
  if (given.body !== plain.body) measure(headers, given.body);
  const { origin, path } = whereTo(given, plain, before);
  if (!route.allows(origin)) {
    throw new ServiceNotFoundError(`the origin ${origin} is none of the upstreams of "${route.key}"`, origin);
  }
  return [{ method: given.method.toUpperCase(), origin, path, headers: flat(headers), body: given.body }, given];
}

/** What the hook left alone goes out as it came, not as URL and URLSearchParams would write it. */
function whereTo(
  { url, path, query }: ProxyRequest,
  plain: Outgoing,
  before: { href: string; path: string; query: string },
): { origin: string; path: string } {
  if (url.href !== before.href) return { origin: url.origin, path: url.pathname + url.search };
  const at = plain.path.indexOf('?');
  const sameQuery = query.toString() === before.query;
  const search = sameQuery ? (at < 0 ? '' : plain.path.slice(at)) : `?${query.toString()}`;
  const rooted = path.startsWith('/') ? path : `/${path}`;
  return { origin: plain.origin, path: rooted + (search === '?' ? '' : search) };
}

function measure(headers: ProxyRequest['headers'], body: ProxyRequest['body']): void {
  delete headers['content-length'];
  if (typeof body === 'string' || Buffer.isBuffer(body)) headers['content-length'] = String(Buffer.byteLength(body));
}

export function byName(headers: readonly string[]): Record<string, string | string[]> {
  const named: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>;
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index]!.toLowerCase();
    const value = headers[index + 1]!;
    const earlier = named[name];
    named[name] = earlier === undefined ? value : [earlier, value].flat();
  }
  return named;
}

/** Name after value; what belongs to one connection is not a hook's to set. */
export function flat(headers: Readonly<Record<string, string | string[]>>): string[] {
  return Object.entries(headers).flatMap(([name, values]) =>
    isHopByHop(name.toLowerCase()) && name.toLowerCase() !== 'te'
      ? []
      : [values].flat().flatMap((value) => [name, value]),
  );
}
