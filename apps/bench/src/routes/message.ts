/** What every handler is sent, in the payload of a message or as its argument. */
export interface Message {
  readonly value: number;
}

/** What every handler does: an immediate async function. */
export async function answer({ value }: Message): Promise<number> {
  return value;
}
