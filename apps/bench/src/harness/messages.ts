import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** What the child says next; rejects when it ends instead. */
export async function nextMessage<Message>(child: ChildProcess, name: string): Promise<Message> {
  const settled = new AbortController();
  try {
    const gone = once(child, 'exit', { signal: settled.signal }).then(() => {
      throw new Error(`${name}: the process ended`);
    });
    const [message] = await Promise.race([once(child, 'message', { signal: settled.signal }), gone]);
    return message as Message;
  } finally {
    settled.abort();
  }
}
