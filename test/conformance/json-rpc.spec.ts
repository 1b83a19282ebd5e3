import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import type { GatewayTransport } from 'sallyport';
import { jsonRpc, JsonRpcClient, websocket } from 'sallyport/json-rpc';
import { conforms } from './conformance.js';
import type { WireUnderTest } from './wire-under-test.js';

const pool = { maxConcurrent: 1_000, maxQueue: 1_000 };

/** On a listener of its own where the transport has one, else on the app's. */
function wire(transport: GatewayTransport, protocol: 'http' | 'ws', options = {}): WireUnderTest {
  const portOf = (app: INestApplication): number => (app.getHttpServer().address() as AddressInfo).port;
  return {
    transport,
    connect: async (app) => {
      const port = (transport.health()['port'] as number | undefined) ?? portOf(app);
      return new JsonRpcClient({ url: `${protocol}://127.0.0.1:${port}/api`, pool, ...options });
    },
  };
}

conforms('jsonRpc() over HTTP', () => wire(jsonRpc({ port: 0 }), 'http'));
conforms('jsonRpc() over HTTP, on the server of the app', () => wire(jsonRpc(), 'http'));
conforms('jsonRpc() over HTTP, in batches', () => wire(jsonRpc({ port: 0 }), 'http', { batchWithinTick: true }));
conforms('websocket()', () => wire(websocket({ port: 0 }), 'ws'));
conforms('websocket(), on the server of the app', () => wire(websocket(), 'ws'));
