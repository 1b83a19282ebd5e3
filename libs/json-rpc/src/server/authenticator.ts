import { createHash, timingSafeEqual } from 'node:crypto';
import { ConfigurationError } from 'sallyport';
import type { RpcRequestInfo } from './incoming-call.js';

/** Says whether whoever calls may call private methods. */
export interface Authenticator {
  authenticate(request: RpcRequestInfo): boolean | Promise<boolean>;
}

/** Accepts who sends one of the tokens in that header. */
export function headerToken(header: string, ...tokens: string[]): Authenticator {
  const name = header.toLowerCase();
  return Object.assign(
    tokenIn((request) => request.headers[name], tokens, 'headerToken'),
    { header: name },
  );
}

/** Accepts who sends one of the tokens in that cookie. */
export function cookieToken(cookie: string, ...tokens: string[]): Authenticator {
  return tokenIn((request) => request.cookies[cookie], tokens, 'cookieToken');
}

/** Accepts whose `Authorization: Bearer <token>` is what `verify` knows. */
export function bearer(verify: (token: string) => boolean | Promise<boolean>): Authenticator {
  return {
    authenticate({ headers }) {
      const [, token] = /^Bearer +([^ ]+) *$/i.exec(headers['authorization'] ?? '') ?? [];
      return token !== undefined && verify(token);
    },
  };
}

/** In constant time, whatever their lengths, and however many there are. */
function tokenIn(
  read: (request: RpcRequestInfo) => string | undefined,
  tokens: readonly string[],
  path: string,
): Authenticator {
  if (tokens.length === 0 || tokens.some((token) => typeof token !== 'string' || token === '')) {
    throw new ConfigurationError([{ path, message: 'needs at least one token, none of them empty' }]);
  }
  const digests = tokens.map(digest);
  return {
    authenticate(request) {
      const given = digest(read(request) ?? '');
      return digests.reduce((found, each) => timingSafeEqual(each, given) || found, false);
    },
  };
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
