import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { RawConnection } from './raw-connection.js';

export interface RawUpstream {
  readonly origin: string;
  readonly port: number;
  /** Every connection it ever had, oldest first. */
  readonly connections: RawConnection[];
  /** How many requests began to arrive, on all connections. */
  asked(): number;
}

const REQUEST_LINE = /^[A-Z]+ \S+ HTTP\/1\.1\r$/gm;

/** A TCP server that does with each connection what the test says, `index` being 0 for the first; closed with the test. */
export async function startRawUpstream(
  serve: (connection: RawConnection, index: number) => unknown,
  port = 0,
): Promise<RawUpstream> {
  const connections: RawConnection[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const connection = new RawConnection(socket);
    const index = connections.push(connection) - 1;
    Promise.resolve(serve(connection, index)).catch(() => connection.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const connection of connections) connection.destroy();
    server.close();
  });
  const bound = (server.address() as AddressInfo).port;
  const asked = (): number => connections.flatMap(({ received }) => received.match(REQUEST_LINE) ?? []).length;
  return { origin: `http://127.0.0.1:${bound}`, port: bound, connections, asked };
}

/** The end of the head of a request. */
export const HEAD = /\r\n\r\n/;
