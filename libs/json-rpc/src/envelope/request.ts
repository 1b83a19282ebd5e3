export type Params = readonly unknown[] | Readonly<Record<string, unknown>>;
export type Id = string | number | null;

/** A request object that is valid; without an id it is a notification. */
export interface RpcCall {
  readonly jsonrpc: '2.0';
  readonly method: string;
  readonly params?: Params;
  readonly id?: Id;
  /** Context headers, where the frame that it came in has none. */
  readonly sallyport?: unknown;
}

/** JSON-RPC 2.0 §4, to the letter; further members are nobody's business. */
export function isCall(value: unknown): value is RpcCall {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { jsonrpc, method, params, id } = value as Record<string, unknown>;
  if (jsonrpc !== '2.0' || typeof method !== 'string') return false;
  if (params !== undefined && (typeof params !== 'object' || params === null)) return false;
  return id === undefined || id === null || typeof id === 'string' || typeof id === 'number';
}

/** Whether it is never answered. */
export function isNotification(value: unknown): boolean {
  const { id } = (value ?? {}) as { id?: unknown };
  return id === undefined && isCall(value);
}
