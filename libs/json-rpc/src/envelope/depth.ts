const QUOTE = 34;
const BACKSLASH = 92;

/** Whether arrays and objects nest deeper than `limit`: told from the text, before anything is built, and in a loop. */
export function isDeeperThan(limit: number, text: string): boolean {
  return hasMoreBrackets(limit, text) && nests(limit, text);
}

/** Most messages have fewer brackets than they may nest. */
function hasMoreBrackets(limit: number, text: string): boolean {
  let left = limit;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) if (--left < 0) return true;
  }
  return false;
}

/** Of text that is no JSON it may say anything. */
function nests(limit: number, text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 91: // [
      case 123: // {
        if (++depth > limit) return true;
        break;
      case 93: // ]
      case 125: // }
        depth--;
        break;
      case QUOTE:
        at = endOfString(text, at);
    }
  }
  return false;
}

/** Where the string that begins at `start` has its closing quote; the end of the text where it has none. */
export function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let before = at - 1;
    while (text.charCodeAt(before) === BACKSLASH) before--;
    if ((at - before) % 2 === 1) return at;
  }
  return text.length;
}
