import type { PoolOptions } from 'sallyport';
import type { ProxyOptions } from 'sallyport/http-proxy';
import { LEGACY_KEYS, translateLegacyKeys, type Translation } from './legacy-keys.js';
import { isMapping, show, unknownKey, type Problem } from './problem.js';

/** What an entry of `proxies` may have in a file: all but code, and the `key`, which is the name. */
const KEYS = Object.keys({
  name: true,
  match: true,
  methods: true,
  upstream: true,
  allowedUpstreams: true,
  rewrite: true,
  group: true,
  timeoutMs: true,
  connectTimeoutMs: true,
  preserveHost: true,
  trustedProxies: true,
  retry: true,
  breaker: true,
} satisfies Record<Exclude<keyof ProxyOptions, 'isFailure' | 'context' | 'key'>, true>);

/** The list of proxies as the framework takes it. Values that the framework checks are passed on as they are. */
export interface ProxyEntries {
  proxies: ProxyOptions[];
  /** Those that `pool_max_size` asks for. */
  pools: Record<string, PoolOptions>;
  /** The path in the file by the one the framework knows, where they differ. */
  renamed: Map<string, string>;
  problems: Problem[];
}

export function readProxyEntries(given: unknown): ProxyEntries {
  const entries: ProxyEntries = { proxies: [], pools: {}, renamed: new Map(), problems: [] };
  if (!Array.isArray(given) || given.length === 0) {
    const message =
      given === undefined
        ? 'is required: a list of what goes where'
        : `must be a list with something in it, got ${show(given)}`;
    return { ...entries, problems: [{ path: 'proxies', message }] };
  }
  const names = new Map<unknown, string>();
  for (const [index, entry] of given.entries()) readEntry(entry, `proxies[${index}]`, names, entries);
  return entries;
}

function readEntry(given: unknown, path: string, names: Map<unknown, string>, entries: ProxyEntries): void {
  if (!isMapping(given)) {
    entries.proxies.push(given as ProxyOptions);
    return;
  }
  const translation = translateLegacyKeys(given, path);
  const unknown = Object.keys(translation.entry).filter((key) => !KEYS.includes(key));
  entries.problems.push(
    ...translation.problems,
    ...unknown.map((key) => unknownKey(`${path}.${key}`, key, [...KEYS, ...Object.keys(LEGACY_KEYS)])),
    ...missing(translation, path),
    ...regexFromText(translation.entry, path),
    ...nameTwice(translation.entry['name'], path, names),
  );
  const known = Object.entries(translation.entry).filter(([key]) => KEYS.includes(key));
  entries.proxies.push(Object.fromEntries(known) as unknown as ProxyOptions);
  for (const [name, old] of translation.oldNames) entries.renamed.set(`${path}.${name}`, `${path}.${old}`);
  addPool(translation, entries);
}

function missing({ entry, oldNames }: Translation, path: string): Problem[] {
  const needed = {
    name: 'what messages call it',
    match: 'a path pattern, or a regular expression that begins with ^',
    upstream: 'where it goes',
  };
  return Object.entries(needed)
    .filter(([key]) => !(key in entry) && !oldNames.has(key))
    .map(([key, meaning]) => ({ path: `${path}.${key}`, message: `is required: ${meaning}` }));
}

function regexFromText(entry: Record<string, unknown>, path: string): Problem[] {
  const { match } = entry;
  if (typeof match !== 'string' || !match.startsWith('^')) return [];
  try {
    entry['match'] = new RegExp(match);
    return [];
  } catch (error) {
    return [{ path: `${path}.match`, message: (error as Error).message }];
  }
}

function nameTwice(name: unknown, path: string, names: Map<unknown, string>): Problem[] {
  const first = names.get(name);
  if (name !== undefined && first === undefined) names.set(name, path);
  return first === undefined ? [] : [{ path: `${path}.name`, message: `is the name of ${first} already` }];
}

/** What did not fit in was refused at once then, and is now: nothing waits. */
function addPool({ entry, slots }: Translation, { pools }: ProxyEntries): void {
  if (slots !== undefined && typeof entry['name'] === 'string')
    pools[entry['name']] = { maxConcurrent: slots, maxQueue: 0 };
}
