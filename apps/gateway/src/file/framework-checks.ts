import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConfigurationError, GatewayModule } from 'sallyport';
import { HealthModule } from 'sallyport/health';
import { httpProxy } from 'sallyport/http-proxy';
import type { Problem } from './problem.js';
import type { Settings } from './settings.js';

@Module({})
class Checked {}

const PREFIX = /^httpProxy\./;
/** How the framework says that it is the key, and not its value, that is wrong. */
const UNKNOWN = /^is not an option/;

/**
 * What the framework has against its options, at their paths in the file. It refuses them where they are used, so each
 * part is made once, by itself, and nothing of it is started.
 */
export async function frameworkProblems(
  { gateway, health, proxies }: Settings,
  renamed: ReadonlyMap<string, string>,
): Promise<Problem[]> {
  const refused = [
    await refusalOf(() => httpProxy({ proxies })),
    await refusalOf(() => make(GatewayModule.forRoot(gateway))),
    ...(health === false ? [] : [await refusalOf(() => make(GatewayModule.forRoot(), HealthModule.forRoot(health)))]),
  ];
  return refused.flat().map(({ path, message }) => {
    const plain = path.replace(PREFIX, '');
    return { path: renamed.get(plain) ?? plain, message, at: UNKNOWN.test(message) ? 'key' : 'value' };
  });
}

async function refusalOf(act: () => unknown): Promise<ConfigurationError['problems']> {
  try {
    await act();
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

async function make(...imports: DynamicModule[]): Promise<void> {
  const silent = { logger: false, abortOnError: false } as const;
  const context = await NestFactory.createApplicationContext({ module: Checked, imports }, silent);
  await context.close();
}
