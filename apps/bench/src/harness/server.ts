/** What a module exports as `serve`, to be run in a process of its own and loaded from outside. */
export type Serve = (upstream: string) => Promise<Serving>;

export interface Serving {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Whose CPU time is counted; absent: the process that serves. */
  readonly pids?: readonly number[];
  /** Only for what does not end with the process. */
  readonly stop?: () => Promise<void>;
}

/** What the process tells its parent as soon as it listens. */
export type Listening = Required<Pick<Serving, 'port' | 'pids'>>;
