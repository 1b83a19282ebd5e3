import type { Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { Scope } from '@nestjs/common';
import type { CallContext } from '../call.js';
import { InvalidCallError, isGatewayError, type ConfigurationProblem } from '../errors.js';
import type { RouteOptions } from '../routes/route.options.js';

/** Makes of a message what the handler wants to see. */
export interface MessageTranslator {
  translate(message: unknown, context: CallContext): unknown;
}

export type Translate = (message: unknown, call: CallContext) => unknown;

/** What is wrong with the translators that are classes; `moduleRef` knows every provider of the app. */
export function translatorProblems(
  translators: RouteOptions['translators'],
  moduleRef: ModuleRef,
  path: string,
): ConfigurationProblem[] {
  return (translators ?? []).flatMap((translator, index) => {
    const message = isClass(translator) ? wrongProvider(translator, moduleRef) : undefined;
    return message === undefined ? [] : [{ path: `${path}.translators[${index}]`, message }];
  });
}

/**
 * Each in turn, on what the one before it made; undefined: there is none. What a translator throws says that the
 * message is no valid call.
 */
export function composeTranslators(
  translators: RouteOptions['translators'],
  moduleRef: ModuleRef,
): Translate | undefined {
  if (translators === undefined || translators.length === 0) return undefined;
  const chain = translators.map((one) => (isClass(one) ? moduleRef.get(one, { strict: false }) : one));
  return async (message, call) => {
    let translated = message;
    for (const translator of chain) {
      try {
        translated = await translator.translate(translated, call);
      } catch (error) {
        throw asInvalidCall(error, translator);
      }
    }
    return translated;
  };
}

function asInvalidCall(error: unknown, { constructor: type }: object): Error {
  if (isGatewayError(error, 'INVALID_CALL')) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new InvalidCallError(`the message cannot be translated by ${type.name}: ${why}`, [], { cause: error });
}

function isClass(translator: MessageTranslator | Type<MessageTranslator>): translator is Type<MessageTranslator> {
  return typeof translator === 'function';
}

function wrongProvider(type: Type<MessageTranslator>, moduleRef: ModuleRef): string | undefined {
  try {
    const { scope } = moduleRef.introspect(type);
    return scope === Scope.DEFAULT ? undefined : `${type.name} is made for each request; a translator is a singleton`;
  } catch {
    return `${type.name} is no provider of this app`;
  }
}
