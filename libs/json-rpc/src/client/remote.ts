import type { Remote } from 'sallyport';

type Call = (method: string, args: unknown[]) => Promise<unknown>;

/** Methods of the other side as methods of an object, each made at its first use. */
export function remoteOf<T extends object>(namespace: string | undefined, call: Call): Remote<T> {
  const prefix = namespace === undefined ? '' : `${namespace}.`;
  const methods = new Map<string, (...args: unknown[]) => Promise<unknown>>();
  const methodOf = (name: string): ((...args: unknown[]) => Promise<unknown>) => {
    const known = methods.get(name) ?? ((...args: unknown[]) => call(prefix + name, args));
    methods.set(name, known);
    return known;
  };
  // An object with a `then` would be taken for a promise.
  const get = (_: object, name: string | symbol): unknown =>
    typeof name === 'symbol' || name === 'then' ? undefined : methodOf(name);
  return new Proxy(Object.freeze(Object.create(null) as object), { get }) as Remote<T>;
}
