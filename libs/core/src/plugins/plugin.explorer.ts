import type { DiscoveryService, ModulesContainer } from '@nestjs/core';
import type { ConfigurationProblem } from '../errors.js';
import { name, show } from '../options.js';
import { GatewayPlugin } from './gateway-plugin.js';

type InstanceWrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** The plugins among the providers of the app, in their order, and all that is wrong with them. */
export function explorePlugins(modules: ModulesContainer): {
  plugins: GatewayPlugin[];
  problems: ConfigurationProblem[];
} {
  const wrappers = [...modules.values()].flatMap(({ providers }) => [...providers.values()]);
  const plugins = [...new Set(wrappers.filter((wrapper) => !isScoped(wrapper)).map(({ instance }) => instance))]
    .filter((instance) => instance instanceof GatewayPlugin)
    .toSorted((one, other) => (one.order ?? 0) - (other.order ?? 0));
  const problems = [...wrappers.flatMap(scopedPlugin), ...plugins.flatMap(fieldProblems), ...sameNames(plugins)];
  return { plugins, problems };
}

/** Until it is asked for, such a provider is an empty object of its class. */
function isScoped(wrapper: InstanceWrapper): boolean {
  return wrapper.isTransient || !wrapper.isDependencyTreeStatic();
}

function scopedPlugin(wrapper: InstanceWrapper): ConfigurationProblem[] {
  const type = wrapper.metatype;
  if (!(type?.prototype instanceof GatewayPlugin) || !isScoped(wrapper)) return [];
  return [
    { path: type.name, message: 'is a plugin and lives as long as the app: it cannot be request-scoped or transient' },
  ];
}

function fieldProblems({ constructor: type, name: given, order }: GatewayPlugin): ConfigurationProblem[] {
  const wrongName = name(given);
  const wrongOrder = order === undefined || Number.isFinite(order) ? undefined : `must be a number, got ${show(order)}`;
  return [
    ...(wrongName === undefined ? [] : [{ path: `${type.name}.name`, message: wrongName }]),
    ...(wrongOrder === undefined ? [] : [{ path: `${type.name}.order`, message: wrongOrder }]),
  ];
}

function sameNames(plugins: GatewayPlugin[]): ConfigurationProblem[] {
  const first = new Map<string, GatewayPlugin>();
  return plugins.flatMap((plugin) => {
    const other = first.get(plugin.name);
    first.set(plugin.name, other ?? plugin);
    if (other === undefined || typeof plugin.name !== 'string') return [];
    const message = `"${plugin.name}" is the name of ${other.constructor.name} already; names of plugins are unique`;
    return [{ path: `${plugin.constructor.name}.name`, message }];
  });
}
