import type { Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { ConfigurationError } from 'sallyport';
import type { Authenticator } from './authenticator.js';

/** `moduleRef` has the instances of those that are classes. @throws ConfigurationError for one that is no provider */
export function authenticatorsOf(
  given: readonly (Authenticator | Type<Authenticator>)[],
  moduleRef: ModuleRef | undefined,
  factory: string,
): Authenticator[] {
  return given.map((one, index) => {
    if (typeof one !== 'function') return one;
    const path = `${factory}.authenticators[${index}]`;
    if (moduleRef === undefined) throw new ConfigurationError([{ path, message: ONLY_INSTANCES }]);
    return instanceOf(one, moduleRef, path);
  });
}

const ONLY_INSTANCES =
  'is a class, and so a provider of an app with GatewayModule (forRootAsync({ provide: [jsonRpc] }))';

function instanceOf(type: Type<Authenticator>, moduleRef: ModuleRef, path: string): Authenticator {
  try {
    return moduleRef.get(type, { strict: false });
  } catch (cause) {
    throw new ConfigurationError([{ path, message: `${type.name} is no provider of this app` }], { cause });
  }
}
