/** Puts replies together around what is JSON already, so that nothing is serialised twice. */
export interface ReplyFormat {
  result(id: string, json: string): string;
  error(id: string, json: string): string;
}

/** JSON-RPC 2.0 §5: a result or an error, never both. */
export const strictFormat: ReplyFormat = {
  result: (id, json) => `{"jsonrpc":"2.0","result":${json},"id":${id}}`,
  error: (id, json) => `{"jsonrpc":"2.0","error":${json},"id":${id}}`,
};

/** For old clients, which look for both in every reply. */
export const legacyFormat: ReplyFormat = {
  result: (id, json) => `{"jsonrpc":"2.0","result":${json},"error":null,"id":${id}}`,
  error: (id, json) => `{"jsonrpc":"2.0","result":null,"error":${json},"id":${id}}`,
};

/** The JSON of what a handler gave; nothing counts as null. Undefined: it has none. */
export function resultJson(value: unknown): string | undefined {
  if (value === undefined) return 'null';
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** The reply to what was no request: it has no id that could be trusted. */
export function refusal(format: ReplyFormat, json: string): string {
  return format.error('null', json);
}
