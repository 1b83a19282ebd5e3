import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { startNode } from '../../support/child.js';

const readme = readFileSync(new URL('../../../apps/accounts/README.md', import.meta.url), 'utf8');
/** The program that the README starts, and what it says is printed. */
const [, program = '', printed = ''] = /```console\n\$ node (\S+)\n([\s\S]*?)```/.exec(readme)!;

/** How often it comes is up to the machine. */
const ofTimer = (line: string): boolean => /^every 250 ms: there are \d users$/.test(line);

it('prints what its README says, errors included, and ends by itself', async () => {
  const accounts = startNode([program], { NO_COLOR: '1' });
  const [code] = await once(accounts.process, 'close');
  const lines = accounts.output().split('\n');
  const expected = printed.split('\n');
  expect(lines.filter((line) => !ofTimer(line))).toEqual(expected.filter((line) => !ofTimer(line)));
  expect(lines.filter(ofTimer)).toContain(expected.findLast(ofTimer));
  expect(code).toBe(0);
});
