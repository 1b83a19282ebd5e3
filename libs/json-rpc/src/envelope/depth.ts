/** Counting brackets is cheaper than looking into what they hold, as long as there is little of it. */
const SHORT = 2_048;

/**
 * Whether arrays and objects nest deeper than `limit` in what was parsed from `text`. It looks no further than that, so
 * that its recursion is bounded too; the parser of V8 needs none.
 */
export function isDeeperThan(limit: number, value: unknown, text: string): boolean {
  if (text.length <= SHORT && !hasMoreBrackets(limit, text)) return false;
  return isObject(value) && nests(limit, value);
}

function hasMoreBrackets(limit: number, text: string): boolean {
  let left = limit;
  for (let at = text.indexOf('{'); at >= 0; at = text.indexOf('{', at + 1)) if (--left < 0) return true;
  for (let at = text.indexOf('['); at >= 0; at = text.indexOf('[', at + 1)) if (--left < 0) return true;
  return false;
}

function nests(left: number, value: object): boolean {
  if (left === 0) return true;
  if (Array.isArray(value)) {
    for (const element of value as unknown[]) if (isObject(element) && nests(left - 1, element)) return true;
    return false;
  }
  for (const key in value) {
    const member = (value as Record<string, unknown>)[key];
    if (isObject(member) && nests(left - 1, member)) return true;
  }
  return false;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
