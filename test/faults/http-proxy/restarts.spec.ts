import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startNode, type Child } from '../../support/child.js';
import { freePort } from '../../support/port.js';
import { startGatewayProcess } from './support/gateway-process.js';
import { startWrk } from './support/wrk.js';

const RESTARTS = 4;
const CONNECTIONS = 64;
const program = fileURLToPath(new URL('support/upstream.mjs', import.meta.url));

async function startUpstream(port: number): Promise<Child> {
  const upstream = startNode([program], { PORT: String(port) });
  await upstream.prints(/listening/);
  return upstream;
}

async function kill(upstream: Child): Promise<void> {
  upstream.process.kill('SIGKILL');
  await upstream.exited;
}

it(
  'a gateway under load whose upstream is killed and restarted says so, recovers, and needs no more memory',
  { timeout: 120_000 },
  async () => {
    const port = await freePort();
    let upstream = await startUpstream(port);
    const gateway = await startGatewayProcess({
      proxies: [
        { match: '/*path', upstream: `http://127.0.0.1:${port}`, breaker: { openForMs: 100, windowMs: 1_000 } },
      ],
    });
    const status = async (): Promise<number> => (await gateway.ask({ path: '/x' })).status;
    const recovered = { timeout: 20_000, interval: 50 };
    const wrk = await startWrk(`http://127.0.0.1:${gateway.port}/x`, CONNECTIONS);
    const heaps: number[] = [];
    for (let restart = 0; restart < RESTARTS; restart++) {
      await kill(upstream);
      await expect.poll(status, recovered).toBe(503);
      upstream = await startUpstream(port);
      await expect.poll(status, recovered).toBe(200);
      heaps.push((await gateway.state()).heapUsed);
    }
    const statuses = await wrk.stop();
    expect(statuses).toMatchObject({ other: 0, broken: 0 });
    for (const code of ['200', '502', '503'] as const) expect(statuses[code]).toBeGreaterThan(0);

    await gateway.idle();
    for (let count = 0; count < 200; count++) expect(await status()).toBe(200);
    expect(Math.max(...heaps) - heaps[0]!).toBeLessThan(8 * 1024 * 1024);
    expect(gateway.child.output()).not.toMatch(/error/i);
  },
);
