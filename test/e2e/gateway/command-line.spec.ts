import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sallyport } from './support/command.js';
import { temporaryDirectory, writeFile } from './support/file.js';

const { version } = createRequire(import.meta.url)('sallyport/package.json') as { version: string };
const GOOD = `port: 0
proxies:
  - { name: a, match: /a/*rest, methods: [GET, PUT], upstream: "http://127.0.0.1:1" }
  - { name: b, match: ^/b$, upstream: "http://127.0.0.1:2", rewrite: /c }
`;

describe('sallyport', () => {
  it('--help says what it can', async () => {
    const { code, stdout } = await sallyport(['--help']);
    expect({ code, first: stdout.split('\n')[0] }).toEqual({
      code: 0,
      first: 'Usage: sallyport [--config FILE] [--check]',
    });
  });

  it('--version says which', async () => {
    expect(await sallyport(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it.each([
    [['--confg', 'x'], "Unknown option '--confg'"],
    [['start'], "Unexpected argument 'start'"],
    [['--config'], "Option '-c, --config <value>' argument missing"],
  ])('%j is refused', async (args, sentence) => {
    const { code, stdout, stderr } = await sallyport(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(sentence);
    expect(stderr).not.toContain('    at ');
  });

  it('--check has a line for each proxy, and starts nothing', async () => {
    expect(await sallyport(['--check', '--config', writeFile(GOOD)])).toEqual({
      code: 0,
      stdout: 'a: GET|PUT /a/*rest -> http://127.0.0.1:1\nb: /^\\/b$/ -> http://127.0.0.1:2 as /c\n',
      stderr: '',
    });
  });

  it.each([[['--check']], [[]]])('%j with a bad file prints what is wrong, and ends with 1', async (args) => {
    const file = writeFile(`port: x\n${GOOD.replace('port: 0\n', '').replace('name: a', 'nam: a')}`);
    expect(await sallyport([...args, '--config', file])).toEqual({
      code: 1,
      stdout: '',
      stderr: `${file}:1:7 port: must be a whole number from 0 to 65535, got "x"
${file}:3:5 proxies[0].name: is required: what messages call it
${file}:3:7 proxies[0].nam: is not an option; did you mean name?
`,
    });
  });

  it.each([
    ['that is not there', '/no/such/sallyport.yml', 'there is no such file'],
    ['that is a directory', '/', 'is a directory'],
    ['below a file', '/dev/null/sallyport.yml', 'cannot be read: ENOTDIR: not a directory'],
  ])('says so of a file %s', async (_, file, reason) => {
    const { code, stderr } = await sallyport(['--config', file]);
    expect(code).toBe(1);
    expect(stderr).toContain(`${file}: ${reason}`);
    expect(stderr).not.toContain('    at ');
  });

  it('warns of what does nothing, and of a proxy in front of its own probes', async () => {
    const file = writeFile(
      'sentry: { dsn: x }\nproxies:\n  - { name: a, request_path_regex: /(.*), upstream: "http://a" }\n',
    );
    const { code, stderr } = await sallyport(['--check', '--config', file]);
    expect(code).toBe(0);
    expect(stderr.split('\n')).toEqual([
      `${file}:1:1 sentry: does nothing here; errors are in the log`,
      expect.stringContaining(`${file}:3:36 proxies[0].request_path_regex: takes /health too`),
      '',
    ]);
  });

  it.each([
    ['another path of its probes', 'health: { path: /-/status }\n', "'^/[a-z]+$'"],
    ['no probes', 'health: false\n', '/*all'],
    ['a proxy for other methods', '', '/*all, methods: [POST]'],
  ])('does not warn where there is %s', async (_, lines, match) => {
    const file = writeFile(`${lines}proxies:\n  - { name: a, match: ${match}, upstream: "http://a" }\n`);
    expect((await sallyport(['--check', '--config', file])).stderr).toBe('');
  });
});

describe('sallyport without --config', () => {
  it('names every place where it has looked', async () => {
    const [cwd, home] = [temporaryDirectory(), temporaryDirectory()];
    const { code, stderr } = await sallyport([], { cwd, home });
    expect(code).toBe(1);
    expect(stderr).toBe(`no configuration found; looked for
  ./sallyport.yml
  ./sallyport.yaml
  ${home}/.sallyport.yml
  /usr/local/etc/sallyport/sallyport.yml
  /etc/sallyport/sallyport.yml
Name one with --config FILE.
`);
  });

  it.each([
    ['sallyport.yml in its directory', 'here/sallyport.yml'],
    ['sallyport.yaml in its directory', 'here/sallyport.yaml'],
    ['.sallyport.yml in the home', 'home/.sallyport.yml'],
  ])('takes %s', async (_, place) => {
    const directory = temporaryDirectory();
    const [cwd, home] = [join(directory, 'here'), join(directory, 'home')];
    mkdirSync(cwd);
    mkdirSync(home);
    writeFileSync(join(directory, place), GOOD);
    const { code, stdout } = await sallyport(['--check'], { cwd, home });
    expect({ code, lines: stdout.split('\n').length }).toEqual({ code: 0, lines: 3 });
  });
});
