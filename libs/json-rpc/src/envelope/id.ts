import type { Id } from './request.js';

/**
 * The id as text, for the reply. A number that JavaScript cannot hold exactly is answered with the very digits that
 * came, found in the `source`; `position` is the place in a batch.
 */
export function idText(id: Id, source: Source, position?: number): string {
  return typeof id === 'number' && !Number.isSafeInteger(id) ? source.writtenId(position) : plainIdText(id);
}

export function plainIdText(id: Id): string {
  return typeof id === 'string' ? JSON.stringify(id) : String(id);
}

/** The text of a message; knows how ids were written, once somebody asks. */
export class Source {
  private ids: string[] | undefined;

  constructor(private readonly text: string) {}

  writtenId(position = 0): string {
    this.ids ??= writtenIds(this.text);
    return this.ids[position]!;
  }
}

const TOKEN = /\s*([^\s,}\]]+)/y;

/** Of each member of a batch, or of the one call, as it stands in valid JSON. Of equal keys the last counts. */
function writtenIds(text: string): string[] {
  const ids: string[] = [];
  const level = text.trimStart().startsWith('[') ? 2 : 1;
  let [depth, position, key, keyNext] = [0, 0, '', false];
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '"': {
        const end = endOfString(text, at);
        if (keyNext && depth === level) key = JSON.parse(text.slice(at, end + 1)) as string;
        keyNext = false;
        at = end;
        break;
      }
      case ':':
        if (depth === level && key === 'id') ids[position] = tokenAt(text, at + 1);
        break;
      case '{':
      case '[':
        keyNext = ++depth === level;
        break;
      case '}':
      case ']':
        depth--;
        break;
      case ',':
        keyNext = depth === level;
        if (depth < level) position++;
    }
  }
  return ids;
}

function tokenAt(text: string, at: number): string {
  TOKEN.lastIndex = at;
  return TOKEN.exec(text)![1]!;
}

/** Where the string that begins at `start` has its closing quote. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (text[before - 1] === '\\') before--;
  return (at - before) % 2 === 1;
}
