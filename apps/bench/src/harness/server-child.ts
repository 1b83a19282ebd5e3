import type { Listening, Serve } from './server.js';

/** The process that one server has to itself; it serves for as long as its parent holds the channel. */
const [moduleUrl = '', upstream = ''] = process.argv.slice(2);

// Ctrl-C reaches the whole process group; the parent lets go when it has stopped asking.
process.on('SIGINT', () => {});
const { serve } = (await import(moduleUrl)) as { serve: Serve };
const serving = serve(upstream);
process.once('disconnect', () => void end());
if (!process.connected) await end();

const { port, pids = [process.pid] } = await serving;
process.send?.({ port, pids } satisfies Listening);

async function end(): Promise<void> {
  try {
    const { stop } = await serving;
    await stop?.();
  } finally {
    process.exit();
  }
}
