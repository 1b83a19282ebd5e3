import type { GatewayOptions } from 'sallyport';
import type { ProxyOptions } from 'sallyport/http-proxy';
import type { HealthModule } from 'sallyport/health';
import { isMapping, show, unknownKey, type Problem } from './problem.js';
import { readProxyEntries } from './proxy-entries.js';

export type HealthOptions = NonNullable<Parameters<typeof HealthModule.forRoot>[0]>;

/** What the file says, complete. Options that belong to the framework are as they were written. */
export interface Settings {
  port: number;
  host: string;
  gateway: Pick<GatewayOptions, 'service' | 'pools' | 'poolDefaults' | 'shutdown'>;
  health: HealthOptions | false;
  proxies: ProxyOptions[];
}

export interface ReadSettings {
  settings: Settings;
  problems: Problem[];
  /** What is accepted, and yet not what somebody may think. */
  warnings: Problem[];
  /** The path in the file by the one the framework knows, where they differ. */
  renamed: Map<string, string>;
}

const DEFAULTS = { port: 9654, host: '127.0.0.1', service: 'gateway' };
const LARGEST_PORT = 65_535;

const KEYS = ['port', 'host', 'service', 'pools', 'poolDefaults', 'shutdown', 'health', 'proxies'];

const NO_SETTINGS = `must be keys and values, such as "port: ${DEFAULTS.port}" and "proxies:"`;

/** The older file could name a Sentry server. */
const SENTRY = 'sentry';

/** A section with nothing in it is as good as none. */
export function readSettings(given: unknown): ReadSettings {
  const file = filled(isMapping(given) ? given : {});
  const entries = readProxyEntries(file['proxies']);
  const pools = readPools(file['pools']);
  const settings = {
    port: DEFAULTS.port,
    host: DEFAULTS.host,
    ...picked(file, 'port', 'host'),
    gateway: {
      service: DEFAULTS.service,
      ...picked(file, 'service', 'poolDefaults', 'shutdown'),
      pools: withPools(pools, entries.pools),
    },
    health: file['health'] ?? {},
    proxies: entries.proxies,
  } as Settings;
  const problems = isMapping(given)
    ? [...topLevelProblems(file), ...poolsTwice(pools, entries.pools, settings.proxies), ...entries.problems]
    : [{ path: '', message: `${NO_SETTINGS}, got ${show(given)}` }];
  return { settings, problems, warnings: sentryWarning(file), renamed: entries.renamed };
}

function topLevelProblems(file: Record<string, unknown>): Problem[] {
  const { port, host, health } = file;
  const problems = Object.keys(file)
    .filter((key) => !KEYS.includes(key) && key !== SENTRY)
    .map((key) => unknownKey(key, key, KEYS));
  const isPort = Number.isSafeInteger(port) && (port as number) >= 0 && (port as number) <= LARGEST_PORT;
  if (port !== undefined && !isPort) {
    problems.push({ path: 'port', message: `must be a whole number from 0 to ${LARGEST_PORT}, got ${show(port)}` });
  }
  if (host !== undefined && (typeof host !== 'string' || host.trim() === '')) {
    problems.push({ path: 'host', message: `must be an address or a host name, got ${show(host)}` });
  }
  if (health !== undefined && health !== false && !isMapping(health)) {
    problems.push({ path: 'health', message: `must be false, or have path and details, got ${show(health)}` });
  }
  return problems;
}

/** A pool of which only the name is given has the defaults. */
function readPools(pools: unknown): unknown {
  if (!isMapping(pools)) return pools;
  return Object.fromEntries(Object.entries(pools).map(([group, options]) => [group, options ?? {}]));
}

function withPools(pools: unknown, more: NonNullable<GatewayOptions['pools']>): unknown {
  return isMapping(pools) || pools === undefined ? { ...more, ...pools } : pools;
}

function poolsTwice(pools: unknown, asked: NonNullable<GatewayOptions['pools']>, proxies: ProxyOptions[]): Problem[] {
  const twice = Object.keys(asked).filter((group) => isMapping(pools) && Object.hasOwn(pools, group));
  return twice.map((group) => ({
    path: `proxies[${proxies.findIndex((proxy) => proxy?.name === group)}].pool_max_size`,
    message: `makes a pool of the name ${JSON.stringify(group)}, which pools has too; take one of them out`,
  }));
}

function sentryWarning(file: Record<string, unknown>): Problem[] {
  return SENTRY in file ? [{ path: SENTRY, message: 'does nothing here; errors are in the log', at: 'key' }] : [];
}

function filled(file: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(file).filter(([, value]) => value !== null));
}

function picked(file: Record<string, unknown>, ...keys: string[]): Record<string, unknown> {
  return Object.fromEntries(keys.filter((key) => key in file).map((key) => [key, file[key]]));
}
