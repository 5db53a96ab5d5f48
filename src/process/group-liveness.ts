import { isOver, readProcessStat, processIds } from './proc';

/** Whether a process of this group still runs. Zombies do not count: a container's pid 1 may never reap them. */
export function isGroupAlive(pgid: number): boolean {
  if (!signalGroup(pgid, 0)) return false;
  // Nearly always it is the leader; scanning all processes takes the longer the more there are.
  if (isMember(pgid, pgid)) return true;
  const pids = processIds();
  return pids.length === 0 || pids.some((pid) => isMember(pid, pgid)); // without /proc only the signal counts
}

function isMember(pid: number, pgid: number): boolean {
  const stat = readProcessStat(pid);
  return stat?.group === pgid && !isOver(stat);
}

/** Signals every process of a group; returns false if there is none. */
export function signalGroup(pgid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pgid, signal);
  } catch {
    return false; // ESRCH: gone. EPERM is impossible for a group that we started.
  }
}
