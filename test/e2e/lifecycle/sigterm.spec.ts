import http from 'node:http';
import { expect, it } from 'vitest';
import { answering } from '../../support/answering.js';
import { startNode } from '../../support/child.js';
import { freePort, startUpstream } from '../../support/port.js';

/** As many as its pool runs and queues, so that none is refused. */
const CLIENTS = 30;

/** One GET on a keep-alive connection: the body, or the code of what went wrong. */
function get(url: string, agent: http.Agent): Promise<string> {
  return new Promise((resolve) => {
    const request = http.get(url, { agent, headers: { cookie: 'session=ada' } }, (response) => {
      let body = '';
      response.on('data', (chunk) => (body += String(chunk)));
      response.on('end', () => resolve(body));
      response.on('error', (error: NodeJS.ErrnoException) => resolve(`broken ${error.code}`));
    });
    request.on('error', (error: NodeJS.ErrnoException) => resolve(`refused ${error.code}`));
  });
}

it('answers every request that reached it when SIGTERM comes under load, and ends by itself', async () => {
  const upstream: (() => void)[] = [];
  let asked = 0;
  const release = setInterval(() => upstream.splice(0).forEach((answer) => answer()), 15);
  const origin = await startUpstream((_request, response) => {
    asked++;
    upstream.push(() => response.end('{"user":1}'));
  });
  const port = await freePort();
  const gateway = startNode(['dist/apps/quickstart/src/main.js'], { PORT: String(port), SESSION_URL: origin });
  const url = `http://127.0.0.1:${port}/whoami`;
  await answering(url, gateway);
  asked = 0;

  const answers: string[] = [];
  const agent = new http.Agent({ keepAlive: true, maxSockets: CLIENTS });
  const clients = Array.from({ length: CLIENTS }, async () => {
    for (;;) {
      const answer = await get(url, agent);
      answers.push(answer);
      if (answers.length === 400) gateway.process.kill('SIGTERM');
      if (answer.startsWith('refused')) return;
    }
  });
  await Promise.all(clients);
  expect(await gateway.exited).toEqual({ code: null, signal: 'SIGTERM' });
  clearInterval(release);
  agent.destroy();

  const answered = answers.filter((answer) => !answer.startsWith('refused'));
  expect(new Set(answered)).toEqual(new Set(['{"user":1}']));
  expect(answered).toHaveLength(asked);
  expect(gateway.output()).not.toContain('cut');
});
