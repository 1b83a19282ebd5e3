import { describe, expect, it } from 'vitest';
import { responseHeaders } from './response-headers.js';

const head = (...headers: string[]) => responseHeaders(headers.map((text) => Buffer.from(text, 'latin1')));

describe('the headers of a response', () => {
  it('pass in their order, with their spelling and their repeats', () => {
    const { headers } = head('Set-Cookie', 'a=1', 'X-One', 'é', 'Set-Cookie', 'b=2', 'ETag', '"x"');
    expect(headers).toEqual([
      'Set-Cookie',
      'a=1',
      'X-One',
      'é',
      'Set-Cookie',
      'b=2',
      'ETag',
      '"x"',
      'via',
      '1.1 sallyport',
    ]);
  });

  it('leave out what is for one hop, and what Connection names', () => {
    const { headers } = head(
      'Connection',
      'close, X-Secret',
      'Keep-Alive',
      'timeout=5',
      'x-secret',
      '1',
      'x-open',
      '2',
    );
    expect(headers).toEqual(['x-open', '2', 'via', '1.1 sallyport']);
  });

  it('say whom they came by', () => {
    expect(head('Via', '1.1 cache').headers).toEqual(['via', '1.1 cache, 1.1 sallyport']);
  });

  it('announce trailers where there can be some', () => {
    expect(head('Trailer', 'x-sum').headers).toContain('Trailer');
    expect(head('Trailer', 'x-sum', 'Content-Length', '3').headers).not.toContain('Trailer');
  });

  it('tell how long the body is', () => {
    expect(head('content-length', '42').contentLength).toBe(42);
    expect(head('x', 'y').contentLength).toBeUndefined();
  });
});
