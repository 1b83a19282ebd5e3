import { describe, expect, it } from 'vitest';
import { runProgram } from './support/program.js';

const users = (command: string): string => `
  @Injectable()
  class Users { ${command} }
`;
const app = (imports: string, providers = ''): string => `
  @Module({ imports: [${imports}], providers: [${providers}] })
  class AppModule {}
`;
const listens = `
  const app = await NestFactory.create(AppModule);
  await app.listen(0, '127.0.0.1');
`;

const PROGRAMS: [what: string, sentence: string, source: string][] = [
  [
    'bad options',
    'ConfigurationError: strictPool: is not an option; did you mean strictPools?\n' +
      'pools.billing.maxConcurrent: must be a whole number of at least 1, got -1\n',
    app('GatewayModule.forRoot({ strictPool: true, pools: { billing: { maxConcurrent: -1 } } })') + listens,
  ],
  [
    'bad options of an app without a server',
    'ConfigurationError: poolDefaults.timeoutMs: must be false or a number above 0, got "1s"\n',
    `${app('GatewayModule.forRoot({ poolDefaults: { timeoutMs: "1s" } })')}
     await NestFactory.createApplicationContext(AppModule);`,
  ],
  [
    'bad options from a factory',
    'ConfigurationError: service: must be a letter, then letters, digits, "_" or "-", got "7up"\n',
    app('GatewayModule.forRootAsync({ useFactory: async () => ({ service: "7up" }) })') + listens,
  ],
  [
    'a factory that rejects',
    'Error: no settings file\n',
    app('GatewayModule.forRootAsync({ useFactory: () => Promise.reject(new Error("no settings file")) })') + listens,
  ],
  [
    'a bad command',
    'ConfigurationError: Users.load.timeout: is not an option; did you mean timeoutMs?\n',
    users('@Command({ group: "a", timeout: 5 }) async load() {}') + app('GatewayModule.forRoot()', 'Users') + listens,
  ],
  [
    'a command in a place where it means nothing',
    'ConfigurationError: Users.load: @Command goes on methods of instances, not on static ones\n',
    users('@Command({ group: "a" }) static async load() {}') + app('GatewayModule.forRoot()', 'Users') + listens,
  ],
  [
    'no GatewayModule',
    'ConfigurationError: Users.load: is a @Command, but this app has no GatewayModule: import GatewayModule.forRoot() ' +
      'in its root module\n',
    users('@Command({ group: "a" }) async load() {}') + app('', 'Users') + listens,
  ],
  [
    'two GatewayModules',
    'ConfigurationError: GatewayModule.forRoot(): is imported more than once; import it in the root module, and ' +
      'forFeature() elsewhere\n',
    app('GatewayModule.forRoot(), GatewayModule.forRoot()') + listens,
  ],
];

describe('a process whose app cannot be configured', () => {
  it.each(PROGRAMS)('says why, once, and ends with a code that is not 0: %s', async (_, sentence, source) => {
    const { code, signal, output } = await runProgram(source);
    expect(output.split(sentence)).toHaveLength(2);
    expect(output).not.toMatch(/Unhandled|successfully started/);
    expect([code, signal]).toEqual([1, null]);
  });

  it('ends by itself where the error is caught: nothing was left running', async () => {
    const { code, output } = await runProgram(`
      ${users('@Command({ group: "a", timeout: 5 }) async load() {}')}
      ${app('GatewayModule.forRoot()', 'Users')}
      try {
        const app = await NestFactory.create(AppModule, { abortOnError: false, logger: false });
        await app.listen(0, '127.0.0.1');
      } catch (error) {
        console.log(error.code, error.message);
        process.exitCode = 3;
      }
    `);
    expect(output).toBe('CONFIGURATION_INVALID Users.load.timeout: is not an option; did you mean timeoutMs?\n');
    expect(code).toBe(3);
  });

  it('closes the transports that had started when another cannot start', async () => {
    const { code, output } = await runProgram(`
      const wire = { kinds: [], stopIntake: async () => {}, health: () => ({ status: 'up' }) };
      let timer;
      const good = {
        ...wire,
        name: 'good',
        start: async () => void (timer = setInterval(() => {}, 1_000)),
        close: async () => clearInterval(timer),
      };
      const bad = { ...wire, name: 'bad', start: () => Promise.reject(new Error('port taken')), close: async () => {} };
      ${app('GatewayModule.forRoot({ service: "a", transports: [good, bad] })')}
      try {
        await NestFactory.createApplicationContext(AppModule, { abortOnError: false, logger: false });
      } catch (error) {
        console.log(error.message);
        process.exitCode = 3;
        setTimeout(() => process.exit(4), 5_000).unref();
      }
    `);
    expect([code, output]).toEqual([3, 'port taken\n']);
  });
});

describe('a process whose queued command fails', () => {
  it('lives on where nobody awaits it', async () => {
    const { code, output } = await runProgram(`
      @Command({ group: 'a' })
      class Job { run() { throw new Error('down'); } }
      ${app('GatewayModule.forRoot()', 'Job')}
      const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
      const queued = app.get(Commands).queue(Job);
      await new Promise(setImmediate);
      console.log(queued.state);
      await app.close();
    `);
    expect([code, output]).toEqual([0, 'failed\n']);
  });
});
