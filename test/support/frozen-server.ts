import { once } from 'node:events';
import { connect } from 'node:net';
import { onTestFinished } from 'vitest';
import { startNode } from './child.js';

const PROGRAM = `
  const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 });
  server.on('listening', () => console.log('port', server.address().port));
`;

/** More than the kernel keeps for a server with that backlog that does not take them. */
const FILL = 8;

/** A port whose machine does not answer: connections to it are neither taken nor refused. */
export async function frozenPort(): Promise<number> {
  const child = startNode(['-e', PROGRAM]);
  await child.prints(/port \d+\n/);
  child.process.kill('SIGSTOP');
  const port = Number(/port (\d+)/.exec(child.output())![1]);
  const sockets = Array.from({ length: FILL }, () => connect(port, '127.0.0.1').on('error', () => {}));
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
  await once(sockets[0]!, 'connect');
  return port;
}
