import { groupsOf, regexFromPython, replacementFromPython } from './python-regex.js';
import { show, type Problem } from './problem.js';

/** The keys of the older file, and what they are called now. */
export const LEGACY_KEYS = {
  request_path_regex: 'match',
  request_path_sub: 'rewrite',
  upstream_url: 'upstream',
  connect_timeout_seconds: 'connectTimeoutMs',
  request_timeout_seconds: 'timeoutMs',
  timeout_seconds: 'timeoutMs',
  pool_max_size: 'group',
} as const;

type LegacyKey = keyof typeof LEGACY_KEYS;

/** An entry of `proxies` in today's keys. */
export interface Translation {
  entry: Record<string, unknown>;
  /** Old key by new one, for messages: they name what is in the file. */
  oldNames: Map<string, string>;
  /** The slots of the pool that this proxy has to itself. */
  slots?: number;
  problems: Problem[];
}

/** Takes the old keys for what they meant; `path` is that of the entry. */
export function translateLegacyKeys(given: Record<string, unknown>, path: string): Translation {
  const entry = Object.fromEntries(Object.entries(given).filter(([key]) => !isLegacy(key)));
  const translation: Translation = { entry, oldNames: new Map(), problems: [] };
  for (const key of Object.keys(given).filter(isLegacy)) {
    const name = LEGACY_KEYS[key];
    const rival = translation.oldNames.get(name) ?? (name in given ? name : undefined);
    if (rival === undefined) take(key, given[key], translation, path);
    else
      translation.problems.push({
        path: `${path}.${key}`,
        message: `says the same as ${rival}; take one of them out`,
        at: 'key',
      });
  }
  checkGroups(given, translation, path);
  return translation;
}

function isLegacy(key: string): key is LegacyKey {
  return Object.hasOwn(LEGACY_KEYS, key);
}

function take(key: LegacyKey, value: unknown, translation: Translation, path: string): void {
  translation.oldNames.set(LEGACY_KEYS[key], key);
  try {
    READ[key](value, translation);
  } catch (error) {
    translation.problems.push({ path: `${path}.${key}`, message: (error as Error).message });
  }
}

/** Each puts what the value means into the translation, or throws what is wrong with it. */
const READ: Record<LegacyKey, (value: unknown, translation: Translation) => void> = {
  request_path_regex(value, { entry }) {
    entry['match'] = regexFromPython(text(value));
  },
  request_path_sub(value, { entry }) {
    entry['rewrite'] = replacementFromPython(text(value)).replacement;
  },
  upstream_url(value, { entry }) {
    entry['upstream'] = value;
  },
  connect_timeout_seconds(value, { entry }) {
    entry['connectTimeoutMs'] = milliseconds(value);
  },
  request_timeout_seconds(value, { entry }) {
    entry['timeoutMs'] = milliseconds(value);
  },
  timeout_seconds(value, { entry }) {
    entry['timeoutMs'] = milliseconds(value);
  },
  pool_max_size(value, translation) {
    if (!Number.isSafeInteger(value) || (value as number) < 1) {
      throw new Error(`must be a whole number of at least 1, got ${show(value)}`);
    }
    translation.slots = value as number;
    translation.entry['group'] = translation.entry['name'];
  },
};

/** Python would refuse a group that is not there at the first request; JavaScript would send it to the upstream. */
function checkGroups(given: Record<string, unknown>, { entry, problems }: Translation, path: string): void {
  const { request_path_sub: template } = given;
  const { match } = entry;
  if (typeof template !== 'string' || !(match instanceof RegExp)) return;
  const known = groupsOf(match);
  const unknown = replacementFromPython(template).groups.find((group) => !known.includes(group));
  if (unknown === undefined) return;
  problems.push({
    path: `${path}.request_path_sub`,
    message: `refers to the group ${unknown}, which request_path_regex does not have`,
  });
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new Error(`must be text, got ${show(value)}`);
}

function milliseconds(value: unknown): number {
  if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value * 1000;
  throw new Error(`must be a number of seconds above 0, got ${show(value)}`);
}
