import { nearest } from 'sallyport/internal';

/** What is wrong with a value of the file. */
export interface Problem {
  /** From the root of the file: `proxies[0].timeoutMs`. */
  path: string;
  message: string;
  /** `key`: it is the key that is wrong, not what is behind it. @default 'value' */
  at?: 'key' | 'value';
}

/** A key that nobody knows; most often it is a known one, misspelt. */
export function unknownKey(path: string, key: string, known: string[]): Problem {
  const close = known.find((candidate) => plain(candidate) === plain(key)) ?? nearest(key, known);
  const hint = close === undefined ? ` (there are: ${known.join(', ')})` : `; did you mean ${close}?`;
  return { path, message: `is not an option${hint}`, at: 'key' };
}

/** As much of a value as a message needs. */
export function show(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'keys and values';
  if (typeof value === 'number') return String(value);
  return JSON.stringify(typeof value === 'string' && value.length > 60 ? `${value.slice(0, 60)}…` : value);
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `timeout_ms` and `TimeoutMs` are both `timeoutMs`. */
function plain(key: string): string {
  return key.replaceAll(/[_-]/g, '').toLowerCase();
}
