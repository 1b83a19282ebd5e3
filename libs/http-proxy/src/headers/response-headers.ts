import { isHopByHop, namedIn, PSEUDONYM } from './hop-by-hop.js';

export interface ResponseHead {
  /** Name after value, as `writeHead` takes them. */
  headers: string[];
  /** Undefined where the upstream did not say. */
  contentLength: number | undefined;
}

/** What the client gets: everything as it came, several Set-Cookie apart, hop-by-hop headers gone. */
export function responseHeaders(raw: readonly Buffer[]): ResponseHead {
  let contentLength: number | undefined;
  let named: ReadonlySet<string> | undefined;
  let via = `1.1 ${PSEUDONYM}`;
  let trailer = -1;
  const headers: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    const original = raw[index]!.toString('latin1');
    const name = original.toLowerCase();
    const value = raw[index + 1]!.toString('latin1');
    if (name === 'connection') named = namedIn(value.toLowerCase());
    if (isHopByHop(name)) continue;
    if (name === 'via') {
      via = `${value}, ${via}`;
      continue;
    }
    if (name === 'content-length') contentLength = Number(value);
    else if (name === 'trailer') trailer = headers.length;
    headers.push(original, value);
  }
  headers.push('via', via);
  // Trailers come with chunks alone, and Node refuses to announce them otherwise.
  if (trailer >= 0 && contentLength !== undefined) headers.splice(trailer, 2);
  return { headers: named === undefined ? headers : without(headers, named), contentLength };
}

function without(headers: string[], names: ReadonlySet<string>): string[] {
  return headers.filter((_, index) => !names.has(headers[index - (index % 2)]!.toLowerCase()));
}
