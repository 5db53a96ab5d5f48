import { readProc, readProcessStat } from './proc';

export interface ProcessStats {
  rssBytes: number;
  /** User and system time since the process started. */
  cpuSeconds: number;
}

/** USER_HZ, which Linux fixes at 100 for everything that /proc shows. */
const TICKS_PER_SECOND = 100;

/** Returns memory and processor time of a process; undefined when it is gone or there is no /proc. */
export function processStats(pid: number): ProcessStats | undefined {
  const stat = readProcessStat(pid);
  const rssKiB = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(pid, 'status') ?? '')?.[1];
  if (stat === undefined || rssKiB === undefined) return undefined;
  return { rssBytes: Number(rssKiB) * 1024, cpuSeconds: stat.cpuTicks / TICKS_PER_SECOND };
}
