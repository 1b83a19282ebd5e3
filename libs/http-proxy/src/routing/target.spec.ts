import { describe, expect, it } from 'vitest';
import { isAmbiguous, targetOf } from './target.js';

describe('a request-target', () => {
  it.each([
    ['/a/b?x=1&y=2', { path: '/a/b', query: '?x=1&y=2' }],
    ['/a?', { path: '/a', query: '?' }],
    ['//evil/x', { path: '//evil/x', query: '' }],
    ['http://elsewhere/a?x=1', { path: '/a', query: '?x=1' }],
    ['HTTPS://user@elsewhere:8443', { path: '/', query: '' }],
    ['http://elsewhere?x=1', { path: '/', query: '?x=1' }],
  ])('%s is its path and its query', (url, parts) => {
    expect(targetOf(url)).toEqual(parts);
  });

  it.each([
    '/api/../admin',
    '/api/..',
    '/./api',
    '/api/%2e%2e/admin',
    '/api/.%2E/admin',
    '/api/..%2fadmin',
    '/api%2f../admin',
    '/api/..;/admin',
    '/api\\..\\admin',
    '/api/%00',
    '/api#top',
    '/api?x=1#top',
    '*',
    'ftp://elsewhere/a',
    'elsewhere:443',
  ])('%s means one thing here and perhaps another there', (url) => {
    expect(isAmbiguous(targetOf(url))).toBe(true);
  });

  it.each(['/', '/.well-known/x', '/a/...', '/a/..b/c', '/a/b..', '/a/%2Fb', '/a?x=/../y', '/@evil/', '//evil/'])(
    '%s is a path like any other',
    (url) => {
      expect(isAmbiguous(targetOf(url))).toBe(false);
    },
  );
});
