#!/usr/bin/env node
import 'reflect-metadata';
import { createRequire } from 'node:module';
import { parseCommandLine, USAGE } from './command-line.js';
import { findFile } from './file/find-file.js';
import { loadGatewayFile, type GatewayFile } from './file/gateway-file.js';
import { startGateway } from './gateway.js';

const { version } = createRequire(import.meta.url)('sallyport/package.json') as { version: string };

try {
  await run(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function run(args: string[]): Promise<void> {
  const asked = parseCommandLine(args);
  if (asked.help) return console.log(USAGE);
  if (asked.version) return console.log(version);
  const file = await loadGatewayFile(asked.config ?? findFile());
  for (const warning of file.warnings) console.error(warning);
  if (asked.check) return console.log(table(file));
  const origin = await startGateway(file.settings);
  const { length } = file.settings.proxies;
  console.log(`sallyport ${version}: ${origin}, ${length} ${length === 1 ? 'proxy' : 'proxies'} (${file.path})`);
}

/** A line for each proxy, in the order in which they are asked. */
function table({ settings }: GatewayFile): string {
  const lines = settings.proxies.map(({ name, methods, match, upstream, rewrite }) => {
    const which = [...(methods === undefined ? [] : [methods.join('|')]), String(match)].join(' ');
    return `${name}: ${which} -> ${upstream}${rewrite === undefined ? '' : ` as ${rewrite}`}`;
  });
  return lines.join('\n');
}
