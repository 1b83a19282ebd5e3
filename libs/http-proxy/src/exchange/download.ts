import { Readable } from 'node:stream';

/** The body of an upstream's response, for a hook that may read it, pass it on or leave it. */
export class Download extends Readable {
  constructor(
    private readonly flow: () => void,
    private readonly leave: () => void,
  ) {
    super();
    // It may fail before the hook has looked at it.
    this.on('error', () => undefined);
  }

  override _read(): void {
    this.flow();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.leave();
    callback(error);
  }
}
