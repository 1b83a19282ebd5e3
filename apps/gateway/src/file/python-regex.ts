/**
 * Python's regular expressions and replacements, for the files that were written for them. What only Python has
 * (possessive quantifiers, conditions, verbose mode) is a SyntaxError in JavaScript, and so a problem of the file.
 */

/** An escape, a class as a whole, and the constructs that are written otherwise. */
const CONSTRUCT = /\\[^]|\[\^?\]?(?:\\[^]|[^\]\\])*\]|\(\?P<|\(\?P=\w+\)|\(\?#[^)]*\)|\{,(?=\d+\})/g;

const FLAGS = /^\(\?([aimsu]+)\)/;

/** In a replacement: `\g<1>`, `\g<name>`, `\1`, an escaped character, and what JavaScript would take for one of its own. */
const REFERENCE = /\\g<(\w+)>(?=(\d)?)|\\([1-9]\d?)(?=(\d)?)|\\\\|\$/g;

/**
 * As tornado matches a path: from its first letter, with a `$` behind the expression. The `$` belongs to the last
 * alternative alone, so that `/a|/b` matches `/a/and/more`.
 *
 * @throws SyntaxError
 */
export function regexFromPython(source: string): RegExp {
  const [, flags = ''] = FLAGS.exec(source) ?? [];
  const body = source.replace(FLAGS, '').replaceAll(CONSTRUCT, translated);
  return new RegExp(`^(?:${body}$)`, [...new Set(flags)].filter((flag) => 'ims'.includes(flag)).join(''));
}

/** A template of `re.sub` as a replacement of `String.replace`, and the groups that it refers to. */
export function replacementFromPython(template: string): { replacement: string; groups: string[] } {
  const groups: string[] = [];
  const replacement = template.replaceAll(
    REFERENCE,
    (found, named?: string, digit?: string, number?: string, after?: string) => {
      if (found === '$') return '$$';
      if (found === '\\\\') return '\\';
      const group = (named ?? number)!;
      groups.push(group);
      return reference(group, digit ?? after);
    },
  );
  return { replacement, groups };
}

/** The groups of an expression, by number and by name. */
export function groupsOf(regex: RegExp): string[] {
  const match = new RegExp(`${regex.source}|`, regex.flags).exec('')!;
  return [...match.keys()].map(String).concat(Object.keys(match.groups ?? {}));
}

function translated(construct: string): string {
  if (construct === '\\A') return '^';
  if (construct === '\\Z') return '$';
  if (construct === '(?P<') return '(?<';
  if (construct === '{,') return '{0,';
  if (construct.startsWith('(?P=')) return `\\k<${construct.slice(4, -1)}>`;
  if (construct.startsWith('(?#')) return '';
  // A bracket that comes first in a class is a member of it; in JavaScript it would be the end.
  return construct.replace(/^(\[\^?)\]/, '$1\\]');
}

/** Before a digit the number needs two digits of its own: `$10` would be the tenth group. */
function reference(group: string, digit: string | undefined): string {
  if (group === '0') return '$&';
  if (!/^\d+$/.test(group)) return `$<${group}>`;
  return digit === undefined ? `$${group}` : `$${group.padStart(2, '0')}`;
}
