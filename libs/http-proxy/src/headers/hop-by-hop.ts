/** RFC 9110 §7.6.1, what RFC 9112 adds, and the two that are for the next proxy alone. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'proxy-authenticate',
  'proxy-authorization',
]);

const USUAL = new Set(['keep-alive', 'close', '']);

/** Who stands in `Via` (RFC 9110 §7.6.3). */
export const PSEUDONYM = 'sallyport';

export function isHopByHop(name: string): boolean {
  return HOP_BY_HOP.has(name);
}

/** The names that `Connection` adds to them; undefined where it adds none. */
export function namedIn(connection: string | undefined): ReadonlySet<string> | undefined {
  if (connection === undefined || USUAL.has(connection)) return undefined;
  const names = connection.split(',').map((name) => name.trim().toLowerCase());
  return new Set(names);
}
