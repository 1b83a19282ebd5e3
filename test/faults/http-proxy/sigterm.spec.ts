import { Agent, get } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { freePort, startUpstream } from '../../support/port.js';
import { startGatewayProcess } from './support/gateway-process.js';

const CLIENTS = 64;
const UNTIL = 1_000;

/** One GET on a connection that is kept: the body, or the code of what went wrong. */
function load(port: number, agent: Agent): Promise<string> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path: '/x', agent }, (response) => {
      let body = String(response.statusCode);
      response.on('data', (chunk) => (body += ` ${chunk}`));
      response.on('end', () => resolve(body));
      response.on('error', (error: NodeJS.ErrnoException) => resolve(`broken ${error.code}`));
    });
    request.on('error', (error: NodeJS.ErrnoException) =>
      resolve(request.reusedSocket ? `lost ${error.code}` : `refused ${error.code}`),
    );
  });
}

it.each(['SIGTERM', 'SIGINT'] as const)(
  '%s under load loses no request that was taken, and ends the process',
  async (signal) => {
    let asked = 0;
    const waiting: (() => void)[] = [];
    const release = setInterval(() => waiting.splice(0).forEach((answer) => answer()), 15);
    onTestFinished(() => clearInterval(release));
    const upstream = await startUpstream((_request, reply) => {
      asked++;
      waiting.push(() => reply.end('ok'));
    });
    const gateway = await startGatewayProcess({ port: await freePort(), proxies: [{ match: '/*path', upstream }] });
    const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
    onTestFinished(() => agent.destroy());

    const answers: string[] = [];
    const client = async (): Promise<void> => {
      for (;;) {
        const answer = await load(gateway.port, agent);
        answers.push(answer);
        if (answers.length === UNTIL) gateway.child.process.kill(signal);
        if (answer.startsWith('refused')) return;
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));

    expect(await gateway.child.exited).toEqual({ code: null, signal });
    const answered = answers.filter((answer) => !answer.startsWith('refused'));
    expect([...new Set(answered)]).toEqual(['200 ok']);
    expect(answered).toHaveLength(asked);
    expect(gateway.child.output()).not.toMatch(/cut|error/i);
  },
);

it('a second gateway on a port that is taken says so, once, and ends', async () => {
  const first = await startGatewayProcess({ proxies: [] });
  const sentence = `httpProxy.port: ${first.port} on 127.0.0.1 is in use`;
  await expect(startGatewayProcess({ proxies: [], port: first.port })).rejects.toThrow(sentence);
  expect(await first.ask()).toMatchObject({ status: 404 });
});
