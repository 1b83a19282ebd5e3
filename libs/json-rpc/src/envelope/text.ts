import { isUtf8 } from 'node:buffer';
import { isDeeperThan } from './depth.js';

/** What stands in the place of a value that there is none of. */
export const MALFORMED = Symbol('malformed');

const REPLACEMENT = '\uFFFD';

/** Undefined for what is no UTF-8. Only where a replacement shows up can something have been replaced. */
export function textOf(bytes: Buffer): string | undefined {
  const text = bytes.toString();
  return text.includes(REPLACEMENT) && !isUtf8(bytes) ? undefined : text;
}

/** The value, or MALFORMED where it is no JSON, or nests too deeply. Of equal keys the last counts. */
export function parse(text: string, maxDepth: number): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return MALFORMED;
  }
  return isDeeperThan(maxDepth, value, text) ? MALFORMED : value;
}
