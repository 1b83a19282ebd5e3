type Settle = (value: never) => void;

/** What settles the promise that `openPromise` made last, so that a call needs no closure for it. */
export let lastResolve: Settle = ignore;
export let lastReject: Settle = ignore;

export function openPromise<T>(): Promise<T> {
  return new Promise(capture);
}

export function ignore(): void {}

function capture(resolve: Settle, reject: Settle): void {
  lastResolve = resolve;
  lastReject = reject;
}
