import { describe, expect, it } from 'vitest';
import { valuesOf } from '../../support/ask.js';
import type { ProxyOptions } from 'sallyport/http-proxy';
import { carriers } from './support/carriers.js';
import { startGateway } from './support/gateway.js';
import { startRecorder, type Recorded, type Recorder } from './support/recorder.js';

type Headers = Record<string, string | string[]> | string[];

/** What the upstream sees of a request with these headers. */
async function seen(headers: Headers, options: Partial<ProxyOptions> = {}, upstream?: Recorder): Promise<Recorded> {
  const recorder = upstream ?? (await startRecorder());
  const gateway = await startGateway({ proxies: [{ match: '/*path', upstream: recorder.origin, ...options }] });
  expect(await gateway.ask({ path: '/x', headers })).toMatchObject({ status: 200 });
  return recorder.last();
}

const namesOf = ({ headers }: Recorded): string[] => Object.keys(headers).toSorted();

describe.each(carriers)('the headers of a request through $name', (carrier) => {
  it('arrive as they were, repeated ones apart and in their order', async () => {
    const upstream = await startRecorder();
    const gateway = await startGateway({ carrier, proxies: [{ match: '/*path', upstream: upstream.origin }] });
    const sent = [
      'X-A',
      '1',
      'X-B',
      '2',
      'x-a',
      '3',
      'Cookie',
      'a=1; b=2',
      'Authorization',
      'Basic YTpi',
      'User-Agent',
      'test',
      'X-Empty',
      '',
    ];
    await gateway.ask({ path: '/x', headers: sent });
    const { rawHeaders, headers } = upstream.last();
    const ours = rawHeaders.map((text, index) => (index % 2 === 0 ? text.toLowerCase() : text));
    const from = ours.indexOf('x-a');
    expect(ours.slice(from, from + 6)).toEqual(['x-a', '1', 'x-b', '2', 'x-a', '3']);
    expect(headers).toMatchObject({
      cookie: 'a=1; b=2',
      authorization: 'Basic YTpi',
      'user-agent': 'test',
      'x-empty': '',
    });
  });
});

describe('the headers of a request', () => {
  it('lose what is meant for the next hop alone', async () => {
    const request = await seen({
      connection: 'keep-alive',
      'keep-alive': 'timeout=5',
      'proxy-connection': 'keep-alive',
      'proxy-authorization': 'Basic YTpi',
      te: 'gzip',
      upgrade: 'h2c',
    });
    for (const name of ['keep-alive', 'proxy-connection', 'proxy-authorization', 'te', 'upgrade']) {
      expect(request.headers).not.toHaveProperty(name);
    }
  });

  it.each(['x-secret', 'close, X-Secret', 'keep-alive ,  x-SECRET,'])(
    'lose what Connection names: %s',
    async (connection) => {
      const request = await seen({ connection, 'x-secret': 'for the gateway', 'x-kept': 'for all' });
      expect(request.headers).not.toHaveProperty('x-secret');
      expect(request.headers).toMatchObject({ 'x-kept': 'for all' });
      expect(request.headers.connection).not.toMatch(/secret/i);
    },
  );

  it('do not lose what the gateway itself says because Connection names it', async () => {
    const request = await seen({ connection: 'host, via, x-forwarded-for, content-length' });
    expect(request.headers).toMatchObject({
      host: expect.any(String),
      'x-forwarded-for': '127.0.0.1',
      via: '1.1 sallyport',
    });
  });

  it.each(['trailers', 'gzip, trailers'])('keep of TE: %s that trailers are welcome', async (te) => {
    expect((await seen({ te, connection: 'TE' })).headers.te).toBe('trailers');
  });

  it('name the upstream as Host', async () => {
    const upstream = await startRecorder();
    const { rawHeaders } = await seen({ host: 'shop.example' }, {}, upstream);
    expect(valuesOf(rawHeaders, 'host')).toEqual([`127.0.0.1:${upstream.port}`]);
  });

  it('name as Host what the client asked for, where that is preserved', async () => {
    const { rawHeaders } = await seen({ host: 'shop.example' }, { preserveHost: true });
    expect(valuesOf(rawHeaders, 'host')).toEqual(['shop.example']);
  });

  it.each([
    [[], '1.1 sallyport'],
    [['Via', '1.0 fred'], '1.0 fred, 1.1 sallyport'],
    [['Via', '1.0 fred', 'Via', '1.1 p (x)'], '1.0 fred, 1.1 p (x), 1.1 sallyport'],
  ])('say in Via who passed them on, after %j', async (headers, via) => {
    expect(valuesOf((await seen(headers)).rawHeaders, 'via').join(', ')).toBe(via);
  });

  it('of the gateway itself are not taken from strangers', async () => {
    const request = await seen({ 'sallyport-call-id': '7', 'Sallyport-Anything': 'x', 'x-sallyport': 'kept' });
    expect(namesOf(request).filter((name) => name.includes('sallyport'))).toEqual(['x-sallyport']);
  });

  it('of the gateway itself are taken from a peer that is trusted', async () => {
    const request = await seen({ 'sallyport-call-id': '7' }, { trustedProxies: ['127.0.0.0/8'] });
    expect(request.headers).toMatchObject({ 'sallyport-call-id': '7' });
  });

  it('are not added to, but by those that say where it came from', async () => {
    const request = await seen({ 'x-one': '1' });
    const added = namesOf(request).filter((name) => !['x-one', 'host', 'connection'].includes(name));
    expect(added).toEqual(['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto']);
  });
});
