/** A request-target (RFC 9112 §3.2) in its parts. */
export interface Target {
  path: string;
  /** With its `?`; empty without one. */
  query: string;
}

/** As a proxy gets it, also `http://host/path`: which host was asked for is not what decides where it goes. */
const ABSOLUTE = /^https?:\/\/[^/?#]*/i;
/** `.` or `..` as a segment, encoded or not, in any spelling that some server resolves. */
const DOT_SEGMENT = /(?:\/|%2f|%5c)(?:\.|%2e){1,2}(?:\/|%2f|%5c|;|$)/i;
const NEVER_IN_A_PATH = /[\\#]|%00/;

export function targetOf(url: string): Target {
  const origin = url.startsWith('/') ? undefined : ABSOLUTE.exec(url)?.[0];
  const target = origin === undefined ? url : url.slice(origin.length);
  const at = target.indexOf('?');
  const path = at < 0 ? target : target.slice(0, at);
  return { path: path === '' ? '/' : path, query: at < 0 ? '' : target.slice(at) };
}

/** Whether what it means could depend on who reads it: such a path is refused, not repaired. */
export function isAmbiguous({ path, query }: Target): boolean {
  return !path.startsWith('/') || NEVER_IN_A_PATH.test(path) || query.includes('#') || DOT_SEGMENT.test(path);
}
