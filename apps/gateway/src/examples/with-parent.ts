/** Preloaded into what `npm start` starts: none of it outlives the parent, however that ends. */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
