import { readFile } from 'node:fs/promises';

/** Linux counts in hundredths of a second towards programs, whatever it uses inside. */
const TICKS_PER_SECOND = 100;

/** Seconds of CPU, user and system, that the processes have taken so far with all their threads. */
export async function cpuSeconds(pids: readonly number[]): Promise<number> {
  const ticks = await Promise.all(pids.map(cpuTicks));
  return ticks.reduce((sum, of) => sum + of, 0) / TICKS_PER_SECOND;
}

async function cpuTicks(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch((cause: unknown) => {
    throw new Error(`process ${pid} has ended`, { cause });
  });
  // The second field is the name in brackets, which may hold spaces and brackets; utime and stime are 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
