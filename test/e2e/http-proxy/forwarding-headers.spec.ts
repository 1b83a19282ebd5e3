import { describe, expect, it } from 'vitest';
import { valuesOf } from '../../support/ask.js';
import { carriers, ownListener, type Carrier } from './support/carriers.js';
import { startGateway } from './support/gateway.js';
import { startRecorder } from './support/recorder.js';

const FORGED = [
  ['Host', 'shop.example:8080'],
  ['X-Forwarded-For', '203.0.113.9'],
  ['X-Forwarded-Proto', 'https'],
  ['X-Forwarded-Host', 'forged.example'],
  ['Forwarded', 'for=203.0.113.9;proto=https;host=forged.example'],
].flat();

interface Forwarding {
  for: string;
  proto: string;
  host: string;
  forwarded: Record<string, string>[];
}

/** What the upstream is told about where the request came from. */
async function told(headers: string[], trustedProxies?: string[], carrier: Carrier = ownListener): Promise<Forwarding> {
  const upstream = await startRecorder();
  const gateway = await startGateway({
    carrier,
    proxies: [{ match: '/*path', upstream: upstream.origin, trustedProxies }],
  });
  await gateway.ask({ path: '/x', headers });
  const value = (name: string): string => valuesOf(upstream.last().rawHeaders, name).join(', ');
  return {
    for: value('x-forwarded-for'),
    proto: value('x-forwarded-proto'),
    host: value('x-forwarded-host'),
    forwarded: elementsOf(value('forwarded')),
  };
}

/** Of RFC 7239: elements between commas, pairs between semicolons, either of which may stand inside of quotes. */
function elementsOf(forwarded: string): Record<string, string>[] {
  const elements = forwarded.match(/(?:"(?:[^"\\]|\\.)*"|[^",])+/g) ?? [];
  return elements.map((element) => {
    const pairs = element.matchAll(/([\w-]+)=("(?:[^"\\]|\\.)*"|[^;]*)/g);
    return Object.fromEntries([...pairs].map(([, name, value]) => [name!.toLowerCase(), value!.trim()]));
  });
}

const ANEW = {
  for: '127.0.0.1',
  proto: 'http',
  host: 'shop.example:8080',
  forwarded: [{ for: '127.0.0.1', proto: 'http', host: '"shop.example:8080"' }],
};
const APPENDED = {
  for: '203.0.113.9, 127.0.0.1',
  proto: 'https, http',
  host: 'forged.example, shop.example:8080',
  forwarded: [{ for: '203.0.113.9', proto: 'https', host: 'forged.example' }, ANEW.forwarded[0]],
};

describe.each(carriers)('through $name the upstream is told', (carrier) => {
  it('who asked, how and for which host', async () => {
    expect(await told(['Host', 'shop.example:8080'], undefined, carrier)).toEqual(ANEW);
  });

  it('nothing of what a stranger claims', async () => {
    expect(await told(FORGED, undefined, carrier)).toEqual(ANEW);
  });
});

describe('of what the peer claims the upstream is told', () => {
  it.each([['127.0.0.1'], ['127.0.0.0/8'], ['0.0.0.0/0']])('everything where %s is trusted', async (trusted) => {
    expect(await told(FORGED, ['198.51.100.1', trusted])).toEqual(APPENDED);
  });

  it.each([['127.0.0.2'], ['10.0.0.0/8'], ['::1']])('nothing where only %s is trusted', async (trusted) => {
    expect(await told(FORGED, [trusted])).toEqual(ANEW);
  });

  it('each of several lines, in their order', async () => {
    const lines = [
      'Host',
      'shop.example:8080',
      'X-Forwarded-For',
      '203.0.113.9',
      'X-Forwarded-For',
      '203.0.113.8, 203.0.113.7',
    ];
    expect(await told(lines, ['127.0.0.1'])).toMatchObject({ for: '203.0.113.9, 203.0.113.8, 203.0.113.7, 127.0.0.1' });
  });
});

it('a Host cannot break out of what Forwarded says', async () => {
  const { forwarded } = await told(['Host', 'a", for=203.0.113.9;by="']);
  expect(forwarded.map((element) => element['for'])).toEqual(['127.0.0.1']);
});
